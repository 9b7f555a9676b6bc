"""Drafting a list of known deviations from the distinct faults of a run.

Each entry is about one fault of one activation and quantity. It excuses the kinds that were seen, at the
inputs and up to the sizes that were seen, in the variants, formats and checks that show any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from actcheck.conformance import numerals
from actcheck.conformance.deviations.known import UNKNOWN
from actcheck.conformance.faults.distinct import ordered
from actcheck.conformance.faults.gathering import Group, Seen, each, grouped
from actcheck.conformance.faults.regions import joined
from actcheck.conformance.faults.words import sentence
from actcheck.conformance.results.model import Results
from actcheck.reference.specification.model import Spec

#: First and last words of faults whose size is bounded: that of the others is a count of inputs.
_BOUNDED = ("max_ulp", "max_scaled_ulp", "differs", "max_units")
_DIGITS = 3
_HEAD = """\
# Known deviations of {backend}, drafted from {checks} of a run with {framework} {version}.
# Each entry excuses the kinds, inputs and sizes that were seen. Say the cause where it is {unknown}, and give
# the address of the upstream issue if there is one; `actcheck deviations check` says what is no longer seen.
"""


def draft(results: Results, specs: Mapping[str, Spec]) -> list[dict[str, Any]]:
    """The entries of a list that excuses every fault that stands in the results."""
    found: list[dict[str, Any]] = []
    for group in ordered(results.checks, specs):
        if not group.seen[0].fault.known:
            found += _entries(group)
    return found


def text(results: Results, entries: Sequence[Mapping[str, Any]]) -> str:
    """The entries as YAML, with what to do at their head."""
    failed = sum(check.outcome in ("fail", "error") for check in results.checks)
    backend = results.backend
    head = _HEAD.format(
        backend=backend.name,
        checks=numerals.count(failed, "failed check"),
        framework=backend.framework,
        version=backend.version,
        unknown=UNKNOWN,
    )
    style: dict[str, Any] = {"sort_keys": False, "width": 110, "default_flow_style": None}
    return head + "".join("\n" + yaml.safe_dump([dict(entry)], **style) for entry in entries)


def _entries(group: Group) -> Iterator[dict[str, Any]]:
    """The entries of one distinct fault, each about one activation and quantity."""
    places = grouped(group.seen, lambda one: (one.check.activation, one.check.quantity))
    for (activation, quantity), seen in places.items():
        yield {
            "activation": activation,
            "variant": [*each(one.check.label for one in seen)],
            "formats": [*each(one.check.format for one in seen)],
            "quantity": quantity,
            "check": [*each(one.check.check for one in seen)],
            "excuses": [_excuse(what, own) for what, own in grouped(seen, lambda s: s.fault.what).items()],
            "seen": sentence(Group(group.kind, group.region, tuple(seen))).partition(": ")[2],
            "why": UNKNOWN,
            "issue": None,
        }


def _excuse(what: str, seen: Sequence[Seen]) -> dict[str, Any]:
    made: dict[str, Any] = {"what": what}
    sizes = [one.fault.size for one in seen if one.fault.size is not None]
    words = what.split(":")
    if sizes and (words[0] in _BOUNDED or words[-1] in _BOUNDED):
        made["up_to"] = float(numerals.above(max(sizes), _DIGITS))
    spans = joined([span for one in seen for span in one.fault.spans], gap=0.0)
    if spans and all(one.fault.ranges for one in seen):
        made["inputs"] = [[float(low), float(high)] for low, high in spans]
    return made
