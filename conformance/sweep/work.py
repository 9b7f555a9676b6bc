"""One task of a sweep: ask the backend, block by block, and judge. Runs in any process."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter
from actcheck.conformance.backends.guard.contained import left_changed
from actcheck.conformance.backends.guard.guarded import find
from actcheck.conformance.backends.guard.process import Process
from actcheck.conformance.model import Question
from actcheck.conformance.sweep.device_blocks import DeviceBlocks
from actcheck.conformance.sweep.gated_pairs import paired
from actcheck.conformance.sweep.host_blocks import HostBlocks
from actcheck.conformance.sweep.job import BLOCK, DEVICE_BLOCK, TASK, Job
from actcheck.conformance.sweep.partial_result import PartialResult, packed
from actcheck.reference.judging.number_models import NumberModel, judged_in
from actcheck.reference.specification.binding import bind
from actcheck.reference.sweeping.accumulator import Gathering
from actcheck.reference.sweeping.claims import Ordering, claims
from actcheck.reference.sweeping.device import DeviceSweep
from actcheck.reference.sweeping.host import Sweep


@lru_cache(maxsize=4)
def backend(name: str) -> Adapter:
    """The adapter, with one thread: the processes share the cores."""
    adapter = find(name)
    adapter.use_threads(1)
    return adapter


def warm_up(name: str) -> None:
    """Load a backend, which the tasks of this process will ask."""
    backend(name)


def work(job: Job, start: int) -> dict[str, Any]:
    """Do the task that begins at a magnitude; the part as JSON values."""
    process = Process()
    with judged_in(NumberModel.named(job.number_model)):
        part = swept(backend(job.backend), job.question(), start)
    return packed(replace(part, changes={**left_changed(process), **part.changes}))


def swept(adapter: Adapter, question: Question, start: int) -> PartialResult:
    """Do the task that begins at a start. Raises UnansweredError where the backend gives no results."""
    if question.spec.kind == "gated":
        return paired(adapter, question, start)
    if adapter.consecutive(0, 1, True) is not None:
        return judged_there(adapter, question, start)
    return judged(adapter, question, start)


def judged(
    adapter: Adapter, question: Question, start: int, count: int = TASK, size: int = BLOCK
) -> PartialResult:
    """Judge the results for ``count`` magnitudes from a start, each with both signs.

    Raises UnansweredError for results that are no arrays of the right form.
    """
    began = time.perf_counter()
    blocks = [(first, min(size, start + count - first)) for first in range(start, start + count, size)]
    asking = HostBlocks(adapter, question, size)
    try:
        part = _judged(asking, question, blocks)
    except Exception:
        if not asking.was_changed:
            raise
    if asking.was_changed:
        asking = HostBlocks(adapter, question, size, careful=True)
        part = _judged(asking, question, blocks)
    return _done(part, asking.changes(), asking.seconds, began)


def _judged(asking: HostBlocks, question: Question, blocks: Sequence[tuple[int, int]]) -> PartialResult:
    bound = bind(question.spec, question.variant)
    ordering = Ordering(tuple(claims(bound)) if question.quantity == "forward" else ())
    sweep = Sweep(bound, question.quantity, ordering)
    for first, length in blocks:
        x, other = asking.results(first, length, False)
        sweep.judge(first, x, other)  # at once, while the results are near
        x, y = asking.results(first, length, True)
        if np.may_share_memory(other, y):
            other, x, y = asking.pair(first, length)
        sweep.judge(first, x, y, other)
    return PartialResult(sweep.verdict(), dict(_segments(sweep)), ordering)


def _done(
    part: PartialResult, changes: dict[str, str], backend_seconds: float, began: float
) -> PartialResult:
    seconds = time.perf_counter() - began
    return replace(part, changes=changes, backend_seconds=backend_seconds, seconds=seconds)


def judged_there(
    adapter: Adapter, question: Question, start: int, count: int = TASK, size: int = DEVICE_BLOCK
) -> PartialResult:
    """The same with inputs, results and errors on the backend's device. Raises UnansweredError."""
    began = time.perf_counter()
    bound, asking = bind(question.spec, question.variant), DeviceBlocks(adapter, question)
    sweep = DeviceSweep(bound, question.quantity, asking.xp, asking.device, adapter.to_host)
    for first in range(start, start + count, size):
        length = min(size, start + count - first)
        for positive in (False, True):
            sweep.judge(first, positive, *asking.results(first, length, positive))
    part = PartialResult(sweep.verdict(), dict(_segments(sweep)))
    return _done(part, asking.changes(), asking.seconds, began)


def _segments(sweep: Gathering) -> Iterator[tuple[int, tuple[float, int]]]:
    for index in np.flatnonzero(sweep.segment_errors).tolist():
        yield index, (float(sweep.segment_errors[index]), int(sweep.segment_keys[index]))
