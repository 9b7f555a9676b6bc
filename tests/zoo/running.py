"""Asking about many faulty backends, in one process or several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from actcheck.conformance.model import Level
from actcheck.conformance.sweep.executors import dismiss, opened
from tests.zoo.asking import Extent, Result, put
from tests.zoo.collection import find
from tests.zoo.model import FaultyBackend

#: Of a result, what crosses from process to process: what was told, by question; questions asked; seconds.
Told = tuple[dict[str, tuple[str, ...]], int, float]


def results(
    faults: Iterable[FaultyBackend], level: Level, extent: Extent, workers: int
) -> Iterator[tuple[str, Told]]:
    """What became of each, by its name and in their order."""
    names = [fault.name for fault in faults]
    ask = partial(_asked, level=level, extent=extent)
    if workers == 1:
        yield from zip(names, map(ask, names), strict=True)
        return
    with opened("local", workers) as executors:
        pool = executors.take()
        try:
            yield from zip(names, pool.map(ask, names), strict=True)
        finally:
            dismiss(pool)


def _asked(name: str, level: Level, extent: Extent) -> Told:
    result: Result = put(find(name), level, extent)
    return result.told, result.asked, result.seconds
