"""Asking a backend for results on its own device; the inputs that are judged are made there too."""

from __future__ import annotations

import time
from typing import Any

from array_api_compat import array_namespace
from array_api_compat import device as array_device

from actcheck.adapters.base import Adapter
from actcheck.conformance.backends.asker import FaultError, answered
from actcheck.conformance.backends.guard.guarded import guard
from actcheck.conformance.backends.guard.lending import INPUT_CHANGED
from actcheck.conformance.model import Fault, Question
from actcheck.conformance.numerals import both
from actcheck.conformance.sweep.native import Floats

Native = Any  # an array of the device's namespace


class DeviceBlocks:
    """The blocks of one task: the backend gets the arrays that it makes, and others are judged."""

    def __init__(self, adapter: Adapter, question: Question) -> None:
        self._guarded, self._question = guard(adapter), question
        probe = self._guarded.consecutive(0, 1, True)
        #: Namespace and device of the arrays.
        self.xp, self.device = array_namespace(probe), array_device(probe)
        self._floats = Floats(self.xp, self.device)
        #: Time that the backend took.
        self.seconds = 0.0

    def results(self, start: int, count: int, positive: bool) -> tuple[Native, Native]:
        """The inputs, made by arithmetic, and the results. Raises UnansweredError where there are none."""
        given = self._guarded.consecutive(start, count, positive)
        self._guarded.synchronize()
        began = time.perf_counter()
        y = _results(self._guarded, self._question, given)
        self._guarded.synchronize()
        self.seconds += time.perf_counter() - began
        if y.dtype != given.dtype or y.shape != given.shape:
            told = f"returned {y.dtype} of shape {tuple(y.shape)} for {given.dtype}, {tuple(given.shape)}"
            raise FaultError(Fault("wrong_format", told))
        x = self._floats(start, count, positive)
        at = self._floats.differing(x, given)
        if at is not None:
            was, became = (both(float(array[at])) for array in (x, given))
            told = f"the call wrote to its argument x: element {at} of {count:,} was {was} and is {became}"
            self._guarded.note("x", Fault(INPUT_CHANGED, f"{INPUT_CHANGED}: {told}; write to a new array"))
        return x, y

    def changes(self) -> dict[str, str]:
        """What the backend did beside answering: kind of the fault to its message."""
        return {fault.what: fault.message for fault in reversed(self._guarded.taken())}


def _results(adapter: Adapter, question: Question, x: Native) -> Native:
    name, parameters = question.activation, question.variant.parameters
    if question.quantity == "forward":
        y = adapter.call(name, x, parameters)
    elif question.quantity == "gradient":
        y = adapter.call_gradient(name, x, array_namespace(x).ones_like(x), parameters)
    else:
        y = adapter.call_second_derivative(name, x, parameters)
    return answered(y)
