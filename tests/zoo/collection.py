"""All faulty backends, in the order of their kinds."""

from __future__ import annotations

from tests.zoo.kinds import tables
from tests.zoo.kinds.calls import modules, state, threads, types
from tests.zoo.kinds.derivatives import first, second, upstreams
from tests.zoo.kinds.forms import layouts, places
from tests.zoo.kinds.numbers import (
    constants,
    formats,
    formulas,
    further,
    properties,
    ranges,
    rows,
    special,
)
from tests.zoo.kinds.parameters import curves, given, lines
from tests.zoo.model import KINDS, FaultyBackend

_MODULES = (
    *(places, layouts),
    *(formats, formulas, constants, ranges, special, properties, further, rows),
    *(first, second, upstreams),
    *(curves, lines, given),
    *(modules, types, state, threads),
    tables,
)
ZOO: tuple[FaultyBackend, ...] = tuple(
    sorted((f for module in _MODULES for f in module.FAULTS), key=lambda f: list(KINDS).index(f.kind))
)


def find(name: str) -> FaultyBackend:
    """The faulty backend of a name."""
    (found,) = (fault for fault in ZOO if fault.name == name)
    return found


def of_check(check: str) -> list[FaultyBackend]:
    """Those that a check must catch."""
    return [fault for fault in ZOO if fault.owner.partition("-")[0] == check]
