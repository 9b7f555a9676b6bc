"""Distinct faults as the results hold them: ordered by how much they matter, each told in a sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from actcheck.conformance.faults.gathering import Group, Seen, each, gathered
from actcheck.conformance.faults.regions import is_ordinary
from actcheck.conformance.faults.words import sentence
from actcheck.conformance.json_values import Count
from actcheck.conformance.results.fault_records import GRAVITIES, DistinctFault, Gravity
from actcheck.conformance.results.model import CheckRecord
from actcheck.reference.specification.model import Spec

_OF_SIGNS = ("zero_sign", "bits", "module", "effect")
_OF_PARAMETERS = ("accepted", "default", "dtype", "text")


def distinct(checks: Iterable[CheckRecord], specs: Mapping[str, Spec]) -> tuple[DistinctFault, ...]:
    """The distinct faults of checks: those that stand first, the most serious of each first.

    Their numbers, from 1 on, are the names that ``actcheck reproduce`` takes.
    """
    return tuple(_made(number, group) for number, group in enumerate(ordered(checks, specs), 1))


def ordered(checks: Iterable[CheckRecord], specs: Mapping[str, Spec]) -> list[Group]:
    """The groups of faults in the order of their numbers."""
    return sorted(gathered(checks, specs), key=_rank)


def gravity(group: Group) -> Gravity:
    """How much a fault matters."""
    if group.kind in _OF_SIGNS:
        return "sign"
    if group.kind in _OF_PARAMETERS or (group.kind == "raised" and all(s.check.variant for s in group.seen)):
        return "parameter"
    if group.kind == "special_upstream" or (group.kind == "raised" and _of_layouts(group)):
        return "special"
    if group.kind in ("raised", "sum") or group.region == "ordinary":
        return "ordinary"
    return "tail" if group.region == "tail" else "special"


def _of_layouts(group: Group) -> bool:
    # The name of a call that fails as it stands has one word; others name a layout or a way to ask.
    return all(":" in one.fault.what for one in group.seen)


def clarity(one: Seen) -> tuple[bool, bool, bool, bool, bool, float]:
    """Sorts the clearest case first: defaults, an ordinary input, forward, float32, the largest size."""
    example, check = one.fault.example, one.check
    return (
        bool(check.variant),
        example is None,
        not (example and is_ordinary(example.x)),
        check.quantity != "forward",
        check.format != "float32",
        -_size(one),
    )


def _size(one: Seen) -> float:
    size = one.fault.size
    return 0.0 if size is None or math.isnan(size) else size


def _rank(group: Group) -> tuple[bool, int, bool, bool, int, str]:
    seen = group.seen
    return (
        bool(seen[0].fault.known),
        GRAVITIES.index(gravity(group)),
        all(one.check.variant for one in seen),
        all(one.derived == "derivatives" for one in seen),
        -len({one.check.id for one in seen}),
        seen[0].check.id,
    )


def _made(number: int, group: Group) -> DistinctFault:
    seen, clearest = group.seen, min(group.seen, key=clarity)
    return DistinctFault(
        number=Count(number),
        kind=group.kind,
        gravity=gravity(group),
        sentence=sentence(group),
        activations=each(one.check.activation for one in seen),
        quantities=each(one.check.quantity for one in seen),
        formats=each(one.check.format for one in seen),
        variants=each(one.check.label for one in seen),
        checks=each(one.check.id for one in seen),
        shown_by=clearest.check.id,
        what=clearest.fault.what,
        message=clearest.fault.message,
        example=clearest.fault.example,
        known=each(line for one in seen for line in one.fault.known.splitlines()),
    )
