"""What a sweep counts between results: against plain comparisons, with breaks planted where loops join."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.reference.formats import FORMATS
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from actcheck.reference.sweeping.claims import Ordering, claims
from actcheck.reference.sweeping.host import Sweep, block

Array = NDArray[Any]
COUNT = 3 * 4096 + 100
TANH, RELU6 = loading.find("tanh"), loading.find("relu6")


def counts(name: str, x: Array, y: Array) -> dict[str, int]:
    """Broken claims of one sign, in the order of growing inputs."""
    ordered = y[np.argsort(x)]
    low = -1.0 if name == "tanh" else 0.0
    high = 1.0 if name == "tanh" else 6.0
    return {
        "increasing": int((ordered[1:] < ordered[:-1]).sum()),
        "range": int(((y < low) | (y > high)).sum()),
    }


def bent(y: Array, at: tuple[int, ...], value: float) -> Array:
    changed = y.copy()
    changed[list(at)] = np.float32(value)
    return changed


#: Where chunks begin and end, and where nothing does.
PLACES = [(0,), (1,), (2047, 2048), (2049,), (4095, 8000), (4096,), (COUNT - 2,), (COUNT - 1,)]


@pytest.mark.parametrize("name", ["tanh", "relu6"])
@pytest.mark.parametrize("start", [0, 0x20000000, 0x3F000000, 0x40C00000 - 5000, 0x42000000])
@pytest.mark.parametrize("value", [2.0**-30, -3.0, 7.0, np.nan])
def test_breaks_are_counted_wherever_they_are(name: str, start: int, value: float) -> None:
    spec = loading.find(name)
    bound = bind(spec, spec.default)
    exact = np.tanh if name == "tanh" else lambda x: np.clip(x, 0, 6)
    for at in PLACES:
        for positive in (False, True):
            x = block(start, COUNT, positive)
            y = bent(exact(x.astype(np.float64)).astype(np.float32), at, value)
            ordering = Ordering(tuple(claims(bound)))
            Sweep(bound, "forward", ordering).judge(start, x, y)
            wanted = counts(name, x, y)
            assert {n: ordering.broken[n].count for n in wanted} == wanted, (at, positive)
            if wanted["range"]:
                first = FORMATS["float32"].keys(x[at[0] : at[0] + 1])[0]
                assert ordering.broken["range"].first == first


def test_joins_of_blocks_and_of_tasks_are_seen() -> None:
    bound = bind(TANH, TANH.default)
    start = 0x3F000000
    parts = []
    for first in (start, start + COUNT):
        ordering = Ordering(tuple(claims(bound)))
        x = block(first, COUNT, True)
        y = np.tanh(x) - np.float32(0.25 * (first > start))
        Sweep(bound, "forward", ordering).judge(first, x, y)
        parts.append(ordering)
    parts[0].merge(parts[1])
    assert parts[0].broken["increasing"].count == 1
    assert parts[0].broken["increasing"].first == start + COUNT


def test_asymmetric_pairs_are_counted() -> None:
    bound = bind(TANH, TANH.default)
    ordering = Ordering(tuple(claims(bound)))
    x = block(0x3F000000, COUNT, True)
    y = np.tanh(x)
    other = bent(-y, (5, 4096, COUNT - 1), 0.0)
    Sweep(bound, "forward", ordering).judge(0x3F000000, x, y, other)
    assert (ordering.broken["odd"].count, ordering.broken["odd"].first) == (3, 0x3F000005)
