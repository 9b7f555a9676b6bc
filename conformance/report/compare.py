"""What changed between two results: each check once, in the category that says most.

An error on either side says nothing about the backend: such checks are set apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from actcheck.conformance.faults.changes import FaultChanges, fault_changes
from actcheck.conformance.judging.grading import GRADES
from actcheck.conformance.report.page_numbers import ulp, whole
from actcheck.conformance.results.fault_records import Interval
from actcheck.conformance.results.json_form import plain
from actcheck.conformance.results.model import CheckRecord, Results

#: Category to its heading, in the order in which they are told.
CATEGORIES = {
    "newly_failing": "Newly failing",
    "fixed": "Fixed",
    "newly_known": "Newly a known deviation",
    "accuracy_worse": "Accuracy worse, same outcome",
    "accuracy_better": "Accuracy better, same outcome",
    "newly_supported": "Newly supported",
    "newly_unsupported": "No longer supported",
    "appeared": "Appeared",
    "vanished": "Vanished",
    "not_comparable": "Not comparable: the harness had an error on one side",
}
_PASSED = ("pass", "stale_deviation")


@dataclass(frozen=True)
class Change:
    """One check that is not as it was."""

    category: str
    old: CheckRecord | None
    new: CheckRecord | None
    #: What differs, in words; empty where the outcomes say it.
    what: str = ""

    @property
    def entry(self) -> CheckRecord:
        """The newer of the two sides that exist."""
        side = self.new or self.old
        assert side is not None
        return side


@dataclass(frozen=True)
class ResultsComparison:
    """All changes between two documents."""

    old: Results
    new: Results
    changes: tuple[Change, ...]
    #: Checks that both documents have.
    shared: int

    @cached_property
    def groups(self) -> dict[str, tuple[Change, ...]]:
        """The changes by category, empty categories left out."""
        found = {c: tuple(x for x in self.changes if x.category == c) for c in CATEGORIES}
        return {category: changes for category, changes in found.items() if changes}

    @cached_property
    def faults(self) -> FaultChanges:
        """The distinct faults that are new, and those that are gone."""
        return fault_changes(self.old, self.new)

    @property
    def unchanged(self) -> int:
        """How many checks of both documents are as they were."""
        return self.shared - sum(1 for c in self.changes if c.old and c.new)

    @property
    def caveats(self) -> tuple[str, ...]:
        """What differs between the documents themselves, and so may be the cause of a change."""
        return tuple(_caveats(self.old, self.new))


def compare(old: Results, new: Results) -> ResultsComparison:
    """Every check of both documents, matched by check, activation, variant, format and quantity."""
    before, after = ({e.key: e for e in results.checks} for results in (old, new))
    same = _same_points(old, new)
    changes = [_change(before.get(k), after.get(k), same) for k in {**before, **after}]
    return ResultsComparison(old, new, tuple(c for c in changes if c), len(before.keys() & after.keys()))


def _same_points(old: Results, new: Results) -> bool:
    return (old.level, old.seed, old.spec_digest) == (new.level, new.seed, new.spec_digest)


def _change(old: CheckRecord | None, new: CheckRecord | None, same_points: bool) -> Change | None:
    category = _category(old, new)
    if category or old is None or new is None:
        return Change(category, old, new) if category else None
    differences = list(_differences(old, new, same_points))
    if not differences:
        return None
    direction = "accuracy_worse" if differences[0][0] > 0 else "accuracy_better"
    return Change(direction, old, new, "; ".join(text for _, text in differences))


def _category(old: CheckRecord | None, new: CheckRecord | None) -> str:
    """The category that the outcomes alone decide; empty where they stayed."""
    a, b = (e.outcome if e else "absent" for e in (old, new))
    if a == b or (a in _PASSED and b in _PASSED):
        return ""
    rules = (
        ("error" in (a, b), "not_comparable"),
        (a == "absent", "appeared"),
        (b == "absent", "vanished"),
        (b == "fail", "newly_failing"),
        (b == "known_deviation", "newly_known"),
        (b == "unsupported", "newly_unsupported"),
        (a == "unsupported", "newly_supported"),
    )
    return next((category for holds, category in rules if holds), "fixed")


def _differences(old: CheckRecord, new: CheckRecord, same_points: bool) -> Iterator[tuple[int, str]]:
    """What differs in accuracy, weightiest first: +1 where it is worse, -1 where better."""
    if old.grade and new.grade and old.grade != new.grade:
        yield _sign(GRADES.index(old.grade), GRADES.index(new.grade)), f"grade {old.grade} -> {new.grade}"
    if not (same_points or (old.exhaustive and new.exhaustive)) or old.points != new.points:
        return  # maxima and counts over other points do not compare
    for name in {**old.wrong, **new.wrong}:
        a, b = (e.wrong[name].count if name in e.wrong else 0 for e in (old, new))
        if a != b:
            yield _sign(a, b), f"{name} {whole(a)} -> {whole(b)}"
    for name, words in (("max_ulp", "maximum"), ("max_scaled_ulp", "scaled maximum")):
        before, after = getattr(old, name), getattr(new, name)
        if before and after and (before[1] < after[0] or after[1] < before[0]):
            yield _sign(before, after), f"{words} {_both(before, after)} ULP"
    for name in ("not_faithful", "not_correctly_rounded"):
        before, after = getattr(old, name), getattr(new, name)
        if before is not None and after is not None and before != after:
            yield _sign(before, after), f"{name.replace('_', ' ')} {whole(before)} -> {whole(after)}"


def _both(before: Interval, after: Interval) -> str:
    """The upper ends of two maxima, rounded up; where they read alike, the nearest ends in full."""
    short = ulp(before[1]), ulp(after[1])
    a, b = short if short[0] != short[1] else (f"{before[1]:.17g}", f"{after[0]:.17g}")
    return f"{a} -> {b}"


def _sign(before: Any, after: Any) -> int:
    return 1 if after > before else -1


def _caveats(old: Results, new: Results) -> Iterator[str]:
    pairs: Iterable[tuple[str, str, str]] = (
        ("backend", old.backend.name, new.backend.name),
        ("level", old.level, new.level),
        ("profile", old.profile, new.profile),
        ("number model", old.number_model, new.number_model),
        ("dialect", old.dialect, new.dialect),
        ("seed", str(old.seed), str(new.seed)),
    )
    for name, before, after in pairs:
        if before != after:
            yield f"The {name}s differ: {before}, then {after}."
    if old.spec_digest != new.spec_digest:
        yield "The specifications differ."
    if not _same_points(old, new):
        yield "Maxima are compared only where both saw every input."
    for results in (old, new):
        if not results.complete:
            yield f"{results.source} is incomplete."


def as_json(comparison: ResultsComparison) -> dict[str, Any]:
    """The comparison as a JSON object (schema ``actcheck-comparison/1``)."""
    return {
        "schema": "actcheck-comparison/1",
        "old": _side(comparison.old),
        "new": _side(comparison.new),
        "caveats": list(comparison.caveats),
        "unchanged": comparison.unchanged,
        "faults": {
            "new": [fault.sentence for fault in comparison.faults.new],
            "gone": [fault.sentence for fault in comparison.faults.gone],
        },
        "changes": {
            category: [_change_json(c) for c in comparison.groups.get(category, ())]
            for category in CATEGORIES
        },
    }


def _side(results: Results) -> dict[str, Any]:
    backend = results.backend
    return {
        "file": results.source,
        "backend": backend.name,
        "version": backend.version,
        "level": results.level,
        "profile": results.profile,
        "summary": results.summary,
    }


#: What a comparison repeats of either side.
_COMPARED = ("outcome", "grade", "max_ulp", "known", "message", "rerun")


def _change_json(change: Change) -> dict[str, Any]:
    sides = {"old": change.old, "new": change.new}
    shown = {name: _entry_json(entry) for name, entry in sides.items() if entry}
    return {"id": change.entry.id, "what": change.what, **shown}


def _entry_json(entry: CheckRecord) -> dict[str, Any]:
    known = {"known": entry.known} if entry.max_ulp else {}
    fields = {**plain(entry), **known}
    return {name: fields[name] for name in _COMPARED if name in fields}
