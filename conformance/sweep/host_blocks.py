"""Asking a backend for the results of blocks: what it is given is its own, what is judged is not."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter
from actcheck.conformance.backends.asker import Asker
from actcheck.conformance.backends.guard.copies import differing
from actcheck.conformance.backends.guard.guarded import guard, unguarded
from actcheck.conformance.backends.guard.lending import INPUT_CHANGED, changed
from actcheck.conformance.model import Fault, Question
from actcheck.conformance.sweep.block_memory import Lent

Array = NDArray[Any]


class HostBlocks:
    """The blocks of one task, each in memory of the backend's that no result of the block before lies in.

    Whether the backend wrote to an input is seen when its memory is used again, and `was_changed` tells it:
    what was judged until then counts for nothing, and is asked again by someone ``careful``, who looks after
    each call and hands out inputs that are right whatever the backend did.
    """

    def __init__(self, adapter: Adapter, question: Question, size: int, *, careful: bool = False) -> None:
        self._guarded, self._question = guard(adapter), question
        self._backend, self._careful = unguarded(adapter), careful
        # One for each sign: results may lie where inputs lay, and those of both signs are judged together.
        self._inputs = {sign: Lent(size, 1) for sign in (False, True)}
        self._upstream = Lent(size, 0)
        #: Time that the backend took.
        self.seconds = 0.0

    def results(self, start: int, count: int, positive: bool) -> tuple[Array, Array]:
        """The inputs and the backend's results. Raises UnansweredError where there are none."""
        lent = self._inputs[positive]
        x, ones = lent.consecutive(start, count, positive), self._upstream.ones(count)
        began = time.perf_counter()
        y = self._guarded.run(
            self._question.quantity, lambda: results(self._backend, self._question, x, ones)
        )
        self.seconds += time.perf_counter() - began
        if not self._careful:
            return x, y
        if not self._upstream.is_whole:
            self._note("upstream", self._upstream)
            self._upstream.restore()
        if not lent.is_whole:
            self._note("x", lent)
            x = lent.original()
        return x, y

    @property
    def was_changed(self) -> bool:
        """Whether the backend wrote to any input."""
        return any(lent.was_changed for lent in (*self._inputs.values(), self._upstream))

    def pair(self, start: int, count: int) -> tuple[Array, Array, Array]:
        """Results at the negatives of a block's inputs, the inputs, and their results.

        For backends that give the memory of a result again to the next one.
        """
        other = self.results(start, count, False)[1].copy()
        return other, *self.results(start, count, True)

    def changes(self) -> dict[str, str]:
        """What the backend did beside answering: kind of the fault to its message."""
        return {fault.what: fault.message for fault in reversed(self._guarded.taken())}

    def _note(self, name: str, lent: Lent) -> None:
        before, after = lent.original(), lent.now
        told = changed(name, before, after, differing(before, after))
        self._guarded.note(name, Fault(INPUT_CHANGED, f"{INPUT_CHANGED}: {told}"))


def results(adapter: Adapter, question: Question, x: Array, ones: Array | None = None) -> Array:
    """The backend's results for a block, gradients for an upstream of ones. Raises UnansweredError."""
    return np.ascontiguousarray(Asker(question, adapter).results(x, ones))
