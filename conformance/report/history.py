"""One backend over its versions or machines: grades and errors by version, what broke and what was mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from actcheck.conformance.faults.changes import FaultChanges, fault_changes
from actcheck.conformance.judging.grading import GRADES
from actcheck.conformance.report.assets import rendered
from actcheck.conformance.report.matrix import CLASS_MARKS, OUTCOME_WORDS, VARIANT_MARK, Mark, mark
from actcheck.conformance.report.sides import unique
from actcheck.conformance.results.model import CheckRecord, Results
from actcheck.conformance.results.reading import read_all
from actcheck.conformance.writing import write_whole
from actcheck.reference.specification.loading import load_all

_QUANTITIES = ("forward", "gradient", "second_derivative")


@dataclass(frozen=True)
class Step:
    """From one version to the next."""

    before: str
    after: str
    faults: FaultChanges


@dataclass(frozen=True)
class HistoryRow:
    """One activation and quantity over the versions: the worst grade over all formats and variants."""

    activation: str
    quantity: str
    marks: tuple[Mark | None, ...]
    #: For each version but the first: ``worse``, ``better`` or nothing, by the grade.
    turns: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """Results in the order given, the oldest first."""

    documents: Sequence[Results]
    order: Sequence[str]

    @cached_property
    def labels(self) -> list[str]:
        """A name for each: its version, told apart by the file where two have the same."""
        versions = [results.backend.version or results.source for results in self.documents]
        twice = {version for version in versions if versions.count(version) > 1}
        pairs = zip(versions, self.documents, strict=True)
        return unique(f"{v} ({r.source})" if v in twice else v for v, r in pairs)

    @property
    def backends(self) -> list[str]:
        """The names of the backends; one, unless results of different ones were given."""
        return list(dict.fromkeys(results.backend.name for results in self.documents))

    @cached_property
    def steps(self) -> list[Step]:
        """What is new and what is gone from each version to the next."""
        pairs = zip(pairwise(self.labels), pairwise(self.documents), strict=True)
        return [Step(a, b, fault_changes(old, new)) for (a, b), (old, new) in pairs]

    @cached_property
    def rows(self) -> list[HistoryRow]:
        """The table: activations in the specifications' order, each with its quantities."""
        named = {check.activation for results in self.documents for check in results.checks}
        names = [*(n for n in self.order if n in named), *sorted(named - set(self.order))]
        rows = [self._row(name, quantity) for name in names for quantity in _QUANTITIES]
        return [row for row in rows if any(row.marks)]

    def _row(self, activation: str, quantity: str) -> HistoryRow:
        marks = tuple(mark(self._accuracy(results, activation, quantity)) for results in self.documents)
        return HistoryRow(activation, quantity, marks, tuple(_turn(a, b) for a, b in pairwise(marks)))

    def _accuracy(self, results: Results, activation: str, quantity: str) -> list[CheckRecord]:
        return [
            check
            for check in results.checks
            if check.check == "accuracy" and check.activation == activation and check.quantity == quantity
        ]


def _turn(before: Mark | None, after: Mark | None) -> str:
    places = [GRADES.index(m.grade) for m in (before, after) if m and m.grade]
    if len(places) < 2 or places[0] == places[1]:
        return ""
    return "worse" if places[1] > places[0] else "better"


def write(paths: Sequence[str | Path], out: Path) -> History:
    """Write the page about results files, the oldest first. Raises ResultsError and OSError."""
    made = History(read_all(paths), list(load_all()))
    names = {"history": made, "words": OUTCOME_WORDS, "class_words": [VARIANT_MARK, *CLASS_MARKS.values()]}
    write_whole(out, rendered("history.html", names))
    return made
