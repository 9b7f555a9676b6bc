"""Asking a backend for the results of blocks: what it is given is its own, what is judged is not."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter, Unsupported
from actcheck.conformance.guard.copies import differing
from actcheck.conformance.guard.guarded import guard, unguarded
from actcheck.conformance.guard.lending import INPUT_CHANGED, changed
from actcheck.conformance.judgement import wrong_form
from actcheck.conformance.model import Fault, Question
from actcheck.conformance.sweep.blocks import Lent
from actcheck.conformance.sweep.job import SweepError

Array = NDArray[Any]


class Asking:
    """The blocks of one task, each in memory of the backend's that no result of the block before lies in."""

    def __init__(self, adapter: Adapter, question: Question, size: int) -> None:
        self._guarded, self._question = guard(adapter), question
        self._backend = unguarded(adapter)
        # One for each sign: results may lie where inputs lay, and those of both signs are judged together.
        self._inputs = {sign: Lent(size, 1) for sign in (False, True)}
        self._upstream = Lent(size, 0)
        #: Time that the backend took.
        self.seconds = 0.0

    def results(self, start: int, count: int, positive: bool) -> tuple[Array, Array]:
        """The inputs, bit for bit what they should be whatever the backend did, and its results.

        Raises SweepError where there are none.
        """
        lent = self._inputs[positive]
        x, ones = lent.consecutive(start, count, positive), self._upstream.ones(count)
        began = time.perf_counter()
        y = self._guarded.run(self._question.quantity, lambda: asked(self._backend, self._question, x, ones))
        self.seconds += time.perf_counter() - began
        if self._question.quantity == "gradient" and not self._upstream.is_whole:
            self._note("upstream", self._upstream)
        if lent.is_whole:
            return x, y
        self._note("x", lent)
        return lent.original(), y

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


def asked(adapter: Adapter, question: Question, x: Array, ones: Array | None = None) -> Array:
    """The backend's results for a block, gradients for an upstream of ones. Raises SweepError."""
    name, parameters = question.activation, {**question.variant.parameters}
    if question.quantity == "forward":
        y = adapter.forward(name, x, parameters)
    elif question.quantity == "gradient":
        y = adapter.gradient(name, x, np.ones_like(x) if ones is None else ones, parameters)
    else:
        y = adapter.second_derivative(name, x, parameters)
    if isinstance(y, Unsupported):
        raise SweepError(y.reason)
    fault = wrong_form(x, y)
    if fault:
        raise SweepError(fault.message)
    return np.ascontiguousarray(y)
