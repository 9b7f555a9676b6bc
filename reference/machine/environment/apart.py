"""Running code of others in a floating-point environment of its own, and everything else in a sound one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from actcheck.reference.machine.environment import control
from actcheck.reference.machine.environment.modes import SOUND, Modes, mode_text, modes

T = TypeVar("T")


class ModeError(RuntimeError):
    """A floating-point environment in which nothing can be judged, and which cannot be changed."""


class Apart:
    """The environment of some code of others, which it may have set when it was loaded.

    Such code is run in its own environment; when it returns, this thread computes again as IEEE 754 does by
    default. What a call changes is told and undone: the next call finds the environment as it was.
    """

    def __init__(self) -> None:
        #: What the last call of `run` left otherwise than it found it, in words; empty where nothing.
        self.change = ""
        self._own: Modes = SOUND
        self._kept: control.Kept = None
        self.adopt()

    @property
    def own(self) -> str:
        """In what the code's environment differs from the default one, in words; empty where in nothing."""
        return mode_text(self._own)

    def adopt(self) -> None:
        """Take the present environment for the code's own, and leave it for a sound one where that can be."""
        self._own = modes()
        if self._own != SOUND:
            self._kept = control.kept()
            control.put_sound()

    def load(self, call: Callable[[], T]) -> T:
        """The answer of a call that may load more of the code: what it leaves becomes the code's own.

        Raises ModeError where a sound environment cannot be had afterwards.
        """
        self._enter()
        try:
            return call()
        finally:
            self.adopt()
            self._demand()

    def run(self, call: Callable[[], T]) -> T:
        """The answer of a call in the code's environment; ``change`` tells what it left otherwise.

        numpy's settings of errors are kept as well. Raises ModeError as `load` does.
        """
        self._enter()
        try:
            with np.errstate(all="ignore"):
                return call()
        finally:
            seen = modes()
            self.change = _changed(self._own, seen) if seen != self._own else ""
            if seen != SOUND and not control.put_sound():
                self._demand()

    def _enter(self) -> None:
        if self._own != SOUND and not control.put(self._kept):
            self._demand()

    def _demand(self) -> None:
        seen = modes()
        if seen != SOUND:
            raise ModeError(
                f"the processor {mode_text(seen)} since the backend was called, and this system has no way "
                "to change that: nothing can be judged in this process; make the backend restore the mode"
            )


def _changed(before: Modes, after: Modes) -> str:
    """What a call did, in words: ``rounds up``, or that it is as by default again."""
    return mode_text(after) or f"no longer {mode_text(before)}"
