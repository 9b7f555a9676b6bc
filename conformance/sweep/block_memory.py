"""Blocks of consecutive inputs in memory that is lent: made anew each time, looked at when used again.

All are loops over integers: a block of floats is a run of patterns, so that its bits are known without
keeping a copy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.machine.compiling import compiled
from actcheck.reference.machine.patterns import pattern

_ONE, _SIGN = pattern(1.0), -(2**31)


@compiled
def _fill(patterns: Any, first: Any, step: Any) -> None:
    """The patterns first, first + step, ..."""
    for i in range(patterns.size):
        patterns[i] = np.int32(first + np.int32(i) * step)


@compiled
def _differs(patterns: Any, first: Any, step: Any) -> Any:
    """Whether these are not the patterns first, first + step, ..."""
    different = np.int32(0)
    for i in range(patterns.size):
        different = np.int32(different | (patterns[i] ^ np.int32(first + np.int32(i) * step)))
    return different != 0


@compiled
def _replace(patterns: Any, before: Any, first: Any, step: Any) -> Any:
    """Both at once, which costs no more than to fill: whether they differ from those that are replaced."""
    different = np.int32(0)
    for i in range(patterns.size):
        different = np.int32(different | (patterns[i] ^ np.int32(before + np.int32(i) * step)))
        patterns[i] = np.int32(first + np.int32(i) * step)
    return different != 0


class Lent:
    """An array of float32 that a backend is given: consecutive floats, or ones."""

    def __init__(self, size: int, step: int) -> None:
        self._memory = np.empty(size, np.int32)
        self._step = np.int32(step)
        self._first = np.int32(0)
        self._lent = self._memory[:0]
        self._changed = False

    def consecutive(self, start: int, count: int, positive: bool) -> NDArray[np.float32]:
        """The floats with magnitude patterns start, start + 1, ..., with one sign."""
        return self._made(np.int32(start if positive else start + _SIGN), count)

    def ones(self, count: int) -> NDArray[np.float32]:
        """So many ones; those of the last call, whatever has become of them, where they are as many."""
        return self.now if self._lent.size == count else self._made(_ONE, count)

    def _made(self, first: np.int32, count: int) -> NDArray[np.float32]:
        if self._lent.size == count:
            self._changed |= bool(_replace(self._lent, self._first, first, self._step))
        else:
            self._changed |= not self.is_whole
            self._lent = self._memory[:count]
            _fill(self._lent, first, self._step)
        self._first = first
        return self.now

    @property
    def is_whole(self) -> bool:
        """Whether every bit of what was lent last is as it was."""
        return not _differs(self._lent, self._first, self._step)

    @property
    def was_changed(self) -> bool:
        """Whether anything that was ever lent came back otherwise."""
        return self._changed or not self.is_whole

    @property
    def now(self) -> NDArray[np.float32]:
        """What was lent last, as it is."""
        return self._lent.view(np.float32)

    def original(self) -> NDArray[np.float32]:
        """What was lent last, made anew in memory of its own."""
        patterns = np.empty(self._lent.size, np.int32)
        _fill(patterns, self._first, self._step)
        return patterns.view(np.float32)

    def restore(self) -> None:
        """Make what was lent last what it was."""
        _fill(self._lent, self._first, self._step)
