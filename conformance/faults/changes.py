"""Which distinct faults are new between two results, and which are gone."""

from __future__ import annotations

from dataclasses import dataclass

from actcheck.conformance.faults.kinds import Kind, kind_of
from actcheck.conformance.results.fault_records import DistinctFault
from actcheck.conformance.results.model import Results

_ANSWERED = ("pass", "fail", "known_deviation", "stale_deviation")


@dataclass(frozen=True)
class FaultChanges:
    """The faults that no check of the other results saw, though these checks were answered there too."""

    new: tuple[DistinctFault, ...]
    gone: tuple[DistinctFault, ...]


def fault_changes(old: Results, new: Results) -> FaultChanges:
    """What checks that both results answered saw in one alone. Version 1 told no faults: none changed."""
    if not (old.faults or new.faults) or not all(_tells(results) for results in (old, new)):
        return FaultChanges((), ())
    both = _answered(old) & _answered(new)
    return FaultChanges(_only(new, old, both), _only(old, new, both))


def _tells(results: Results) -> bool:
    """Whether what failed is told as faults."""
    failed = [check for check in results.checks if check.outcome in ("fail", "known_deviation")]
    return not failed or any(check.faults for check in failed)


def _answered(results: Results) -> set[str]:
    return {check.id for check in results.checks if check.outcome in _ANSWERED}


def _only(here: Results, there: Results, both: set[str]) -> tuple[DistinctFault, ...]:
    seen: set[tuple[str, Kind]] = {(c.id, kind_of(c, fault)) for c in there.checks for fault in c.faults}
    asked = [(fault, [identity for identity in fault.checks if identity in both]) for fault in here.faults]
    return tuple(f for f, ids in asked if ids and seen.isdisjoint((i, f.kind) for i in ids))
