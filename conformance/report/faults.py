"""The distinct faults of a backend as the page tells them: under headings, each with a script of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from actcheck.adapters import registry
from actcheck.conformance.faults.distinct import ordered
from actcheck.conformance.faults.telling import HEADINGS, example_text, extent
from actcheck.conformance.numerals import count
from actcheck.conformance.report.sides import Side
from actcheck.conformance.results.fault_records import GRAVITIES, DistinctFault
from actcheck.conformance.scripts.shower import Shower
from actcheck.reference.specification.model import Spec


@dataclass(frozen=True)
class ToldFault:
    """A distinct fault with its clearest example, how widely it was seen, and a script."""

    fault: DistinctFault
    #: Empty where the backend is no built-in one: its adapter is not loaded for a page.
    script: str

    @property
    def lines(self) -> list[str]:
        """What stands under the sentence."""
        example = self.fault.example
        return [*([example_text(example)] if example else []), extent(self.fault)]


@dataclass(frozen=True)
class FaultList:
    """The faults of one results document that stand, or those that are known."""

    side: Side
    title: str
    #: By heading, the most serious first.
    groups: tuple[tuple[str, tuple[ToldFault, ...]], ...]


def fault_lists(specs: Mapping[str, Spec], sides: Sequence[Side]) -> list[FaultList]:
    """The lists of all backends; those without faults have none."""
    return [told for side in sides for told in _lists(specs, side)]


def _lists(specs: Mapping[str, Spec], side: Side) -> Iterator[FaultList]:
    faults = side.results.faults
    scripts = _scripts(specs, side) if faults else []
    told = [ToldFault(f, s) for f, s in zip(faults, scripts or [""] * len(faults), strict=True)]
    summary = side.results.summary
    for known, outcomes, word in (
        (False, ("fail", "error"), "failed check"),
        (True, ("known_deviation",), "check"),
    ):
        own = [one for one in told if bool(one.fault.known) == known]
        if own:
            checks = count(sum(summary[outcome] for outcome in outcomes), word)
            title = (
                f"{count(len(own), 'known distinct fault' if known else 'distinct fault')} behind {checks}"
            )
            yield FaultList(side, title, tuple(_groups(own)))


def _groups(told: Sequence[ToldFault]) -> Iterator[tuple[str, tuple[ToldFault, ...]]]:
    for gravity in GRAVITIES:
        own = tuple(one for one in told if one.fault.gravity == gravity)
        if own:
            yield HEADINGS[gravity], own


def _scripts(specs: Mapping[str, Spec], side: Side) -> list[str]:
    """A script for each fault; none where the backend is no built-in one, or the faults are others."""
    name, groups = side.results.backend.name, ordered(side.results.checks, specs)
    if name not in registry.BUILT_IN or len(groups) != len(side.results.faults):
        return []
    with contextlib.suppress(registry.AdapterError):
        shower = Shower(specs, registry.find(name), name, side.results)
        return [shower.script(group) for group in groups]
    return []
