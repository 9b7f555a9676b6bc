"""One task of a sweep: ask the backend, block by block, and judge. Runs in any process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from array_api_compat import device as array_device
from numpy.typing import NDArray

from actcheck.adapters import registry
from actcheck.adapters.base import Adapter, Unsupported
from actcheck.conformance.judgement import wrong_form
from actcheck.conformance.model import Question
from actcheck.conformance.sweep.job import BLOCK, DEVICE_BLOCK, TASK, Job, SweepError
from actcheck.conformance.sweep.pairing import paired
from actcheck.conformance.sweep.parts import Part, packed
from actcheck.reference.binding import bind
from actcheck.reference.device_sweeping import DeviceSweep
from actcheck.reference.gathering import Gathering
from actcheck.reference.ordering import Ordering, claims
from actcheck.reference.sweeping import Sweep, block

Array = NDArray[Any]


@lru_cache(maxsize=4)
def backend(name: str) -> Adapter:
    """The adapter, with one thread: the processes share the cores."""
    adapter = registry.find(name)
    adapter.use_threads(1)
    return adapter


def warm_up(name: str) -> None:
    """Load a backend, which the tasks of this process will ask."""
    backend(name)


def work(job: Job, start: int) -> dict[str, Any]:
    """Do the task that begins at a magnitude; the part as JSON values."""
    return packed(swept(backend(job.backend), job.question(), start))


def swept(adapter: Adapter, question: Question, start: int) -> Part:
    """Do the task that begins at a start. Raises SweepError where the backend gives no results."""
    if question.activation == "glu":
        return paired(adapter, question, start)
    if adapter.consecutive(0, 1, True) is not None:
        return judged_there(adapter, question, start)
    return judged(adapter, question, start)


def judged(adapter: Adapter, question: Question, start: int, count: int = TASK, size: int = BLOCK) -> Part:
    """Judge the results for ``count`` magnitudes from a start, each with both signs.

    Raises SweepError for results that are no arrays of the right form.
    """
    began = time.perf_counter()
    bound = bind(question.spec, question.variant)
    ordering = Ordering(tuple(claims(bound)) if question.quantity == "forward" else ())
    sweep = Sweep(bound, question.quantity, ordering)
    backend_seconds = 0.0
    for first in range(start, start + count, size):
        length = min(size, start + count - first)
        other = None
        for positive in (False, True):
            x = block(first, length, positive)
            before = time.perf_counter()
            y = asked(adapter, question, x)
            backend_seconds += time.perf_counter() - before
            sweep.judge(first, x, y, other)  # at once, while the results are near
            other = y
    verdict, segments = sweep.verdict(), dict(_segments(sweep))
    return Part(verdict, segments, ordering, {}, backend_seconds, time.perf_counter() - began)


@lru_cache(maxsize=16)
def _ones(length: int) -> Array:
    return np.ones(length, np.float32)


def asked(adapter: Adapter, question: Question, x: Array) -> Array:
    """The backend's results for a block. Raises SweepError."""
    name, parameters = question.activation, question.variant.parameters
    if question.quantity == "forward":
        y = adapter.forward(name, x, parameters)
    elif question.quantity == "gradient":
        y = adapter.gradient(name, x, _ones(len(x)), parameters)
    else:
        y = adapter.second_derivative(name, x, parameters)
    if isinstance(y, Unsupported):
        raise SweepError(y.reason)
    fault = wrong_form(x, y)
    if fault:
        raise SweepError(fault.message)
    return np.ascontiguousarray(y)


def judged_there(
    adapter: Adapter, question: Question, start: int, count: int = TASK, size: int = DEVICE_BLOCK
) -> Part:
    """The same with inputs, results and errors on the backend's device. Raises SweepError."""
    began = time.perf_counter()
    probe = adapter.consecutive(0, 1, True)
    xp, device = array_namespace(probe), array_device(probe)
    bound = bind(question.spec, question.variant)
    sweep = DeviceSweep(bound, question.quantity, xp, device, adapter.to_host)
    backend_seconds = 0.0
    for first in range(start, start + count, size):
        length = min(size, start + count - first)
        for positive in (False, True):
            x = adapter.consecutive(first, length, positive)
            adapter.synchronize()
            before = time.perf_counter()
            y = _asked_there(adapter, question, x)
            adapter.synchronize()
            backend_seconds += time.perf_counter() - before
            sweep.judge(first, positive, x, y)
    verdict, segments = sweep.verdict(), dict(_segments(sweep))
    return Part(verdict, segments, Ordering(()), {}, backend_seconds, time.perf_counter() - began)


def _asked_there(adapter: Adapter, question: Question, x: Any) -> Any:
    name, parameters = question.activation, question.variant.parameters
    if question.quantity == "forward":
        y = adapter.call(name, x, parameters)
    elif question.quantity == "gradient":
        y = adapter.call_gradient(name, x, array_namespace(x).ones_like(x), parameters)
    else:
        y = adapter.call_second_derivative(name, x, parameters)
    if isinstance(y, Unsupported):
        raise SweepError(y.reason)
    if y.dtype != x.dtype or y.shape != x.shape:
        raise SweepError(f"returned {y.dtype} of shape {tuple(y.shape)} for {x.dtype}, {tuple(x.shape)}")
    return y


def _segments(sweep: Gathering) -> Iterator[tuple[int, tuple[float, int]]]:
    for index in np.flatnonzero(sweep.segment_errors).tolist():
        yield index, (float(sweep.segment_errors[index]), int(sweep.segment_keys[index]))
