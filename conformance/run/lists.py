"""A list of known deviations against kept results: applied to them, and searched for what it excuses idly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from actcheck.conformance import numerals
from actcheck.conformance.deviations.known import ALL, Deviation, Excuse, KnownDeviations
from actcheck.conformance.faults.distinct import distinct
from actcheck.conformance.model import Fault, Outcome
from actcheck.conformance.results.fault_records import FaultRecord
from actcheck.conformance.results.model import CheckRecord, Results
from actcheck.conformance.run.staleness import CHECK as DEVIATIONS
from actcheck.reference.specification.model import Spec

#: A bound that is so many times what was seen hides a fault that grows.
_WIDE = 4.0
#: Fields of an entry that name checks, and what these call them.
_FIELDS = {
    "activation": "activation",
    "variant": "label",
    "formats": "format",
    "quantity": "quantity",
    "check": "check",
}


@dataclass(frozen=True)
class Look:
    """What is to be said of a list, a line for each entry and excuse, and a closing line."""

    lines: tuple[str, ...]
    closing: str


def applied(known: KnownDeviations, results: Results, specs: Mapping[str, Spec]) -> Results:
    """The results as a run with this list would have given them: the faults are those that were seen."""
    checks = tuple(_settled(known, check) for check in results.checks if check.check != DEVIATIONS)
    return replace(results, checks=checks, faults=distinct(checks, specs))


def _settled(known: KnownDeviations, check: CheckRecord) -> CheckRecord:
    if not check.faults or any(fault.what == "broke" for fault in check.faults):
        return check
    split = known.split(check, [_fault(fault) for fault in check.faults])
    faults = tuple(replace(f, known=reason) for f, (_, reason) in zip(check.faults, split.told, strict=True))
    if not split.left:
        return replace(check, outcome="known_deviation", message="\n".join(split.reasons), faults=faults)
    message = "\n".join(fault.message for fault in split.left)
    outcome: Outcome = "error" if check.outcome == "error" else "fail"
    return replace(check, outcome=outcome, message=message, faults=faults)


def _fault(record: FaultRecord) -> Fault:
    return Fault(record.what, record.message, record.size, record.spans)


def looked_at(known: KnownDeviations, results: Results) -> Look:
    """What of a list matches nothing, is no longer seen, or is wider than what is seen."""
    entries = [entry for entry in known.entries if not known.resting(entry)]
    lines = tuple(f"{entry.place}: {told}" for entry in entries for told in _of_entry(entry, results.checks))
    remarks = numerals.count(len(lines), "remark") if lines else "all as it is seen"
    return Look(lines, f"{len(entries)} of {len(known.entries)} entries are about this version: {remarks}")


def _of_entry(entry: Deviation, checks: Sequence[CheckRecord]) -> Iterator[str]:
    named = [check for check in checks if entry.names(check)]
    if not named:
        yield "matches no check of these results; correct its activation, variant, formats, quantity or check"
        return
    shown: list[CheckRecord] = []
    for excuse in entry.excuses:
        covered = [(c, f) for c in named for f in map(_fault, c.faults) if excuse.covers(f)]
        shown += [check for check, _ in covered]
        yield from _of_excuse(excuse, [fault for _, fault in covered])
    if shown:
        yield from _of_names(entry, named, shown)


def _of_excuse(excuse: Excuse, covered: Sequence[Fault]) -> Iterator[str]:
    if not covered:
        yield f"{excuse.what} is not seen; remove it"
        return
    largest = max((fault.size or 0.0 for fault in covered), default=0.0)
    if excuse.up_to is not None and math.isfinite(excuse.up_to) and excuse.up_to > _WIDE * largest:
        seen = numerals.above(largest, 3)
        yield f"{excuse.what} up to {excuse.up_to:g} is too wide: no more than {seen} is seen"
    spans = [span for fault in covered for span in fault.inputs]
    empty = [r for r in excuse.inputs or () if not any(_meet(r, span) for span in spans)]
    if empty:
        yield f"{excuse.what} is too wide: nothing is seen for x in {numerals.ranges(empty)}"


def _meet(a: tuple[float, float], b: tuple[float, float]) -> bool:
    if math.isnan(a[0]) or math.isnan(b[0]):
        return math.isnan(a[0]) and math.isnan(b[0])
    return a[0] <= b[1] and b[0] <= a[1]


def _of_names(entry: Deviation, named: Sequence[CheckRecord], shown: Sequence[CheckRecord]) -> Iterator[str]:
    """Names of the entry under which checks were made, and nothing is seen."""
    for field, name in _FIELDS.items():
        listed = getattr(entry, field)
        asked, seen = ({getattr(check, name) for check in checks} for checks in (named, shown))
        idle = [] if listed == ALL else [name for name in listed if name in asked - seen]
        if idle:
            yield f"{field}: nothing is seen for {', '.join(idle)}; take it out"
