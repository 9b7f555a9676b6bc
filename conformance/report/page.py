"""The whole page: gathered from the results, rendered, and kept within its limit of size."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from actcheck.adapters.raised import shortened
from actcheck.conformance.model import OUTCOMES
from actcheck.conformance.numerals import SEEN
from actcheck.conformance.report import blocks, charts, conventions
from actcheck.conformance.report.assets import rendered
from actcheck.conformance.report.blocks import DETAILS, Detail
from actcheck.conformance.report.compare import CATEGORIES, ResultsComparison
from actcheck.conformance.report.faults import FaultList, fault_lists
from actcheck.conformance.report.matrix import CLASS_MARKS, OUTCOME_WORDS, VARIANT_MARK, Row, matrix
from actcheck.conformance.report.page_numbers import interval, whole
from actcheck.conformance.report.sections import Described, Section, described
from actcheck.conformance.report.sides import Side
from actcheck.conformance.results.model import Results
from actcheck.reference.specification.loading import digest_of
from actcheck.reference.specification.model import Spec

#: A page is never larger, in bytes.
LIMIT = 2_900_000
_LEGEND = {
    "exact": "every result is the correctly rounded one",
    "faithful": "below 1 ULP",
    "tight": "at most 4 ULP",
    "budget": "within the specification's budget",
    "scaled": "at most 4 ULP of what conditioning costs",
    "fail": "wrong, or beyond the budget",
    "known_deviation": "wrong, listed with its reason",
    "stale_deviation": "listed as wrong, no longer seen",
    "unsupported": "the backend has no such thing",
    "error": "the backend broke, or the question could not be put",
}
#: Faults that a user of an activation meets, and how many of them are told beside its definition.
_NUMERICAL = ("ordinary", "tail", "special")
_ADVICE = 6
#: What a maximum means, by how it is written.
_NUMBERS = {
    "0.50": "proven: no input of the format has a larger error",
    f"{SEEN}0.50": "seen: the largest among the inputs that were sampled",
}


@dataclass(frozen=True)
class Page:
    """Everything that the templates show."""

    specs: Mapping[str, Spec]
    described: Mapping[str, Described]
    sides: Sequence[Side]
    comparisons: Sequence[ResultsComparison]
    detail: Detail

    @cached_property
    def families(self) -> list[tuple[str, list[Row]]]:
        """The rows of the matrix."""
        return matrix(dict(self.specs), self.sides)

    @cached_property
    def places(self) -> list[tuple[Side, str]]:
        """Backend and format of every column."""
        return [(side, name) for side in self.sides for name in side.formats]

    @property
    def width(self) -> int:
        """How many columns of results the matrix has."""
        return len(self.places)

    @property
    def edges(self) -> list[bool]:
        """Whether a column is the first of its backend."""
        return [name == side.formats[0] for side, name in self.places]

    @property
    def formats(self) -> list[str]:
        """Every format once."""
        return list(dict.fromkeys(name for _, name in self.places))

    @property
    def outcomes(self) -> list[str]:
        """Every outcome that occurs."""
        return [o for o in OUTCOMES if any(side.results.summary[o] for side in self.sides)]

    @property
    def asked(self) -> str:
        """How many checks there are."""
        return f"{whole(sum(len(side.results.checks) for side in self.sides))} checks"

    @cached_property
    def sections(self) -> list[Section]:
        """The activations, in the order of the matrix."""
        return [self._section(row) for _, rows in self.families for row in rows]

    def _section(self, row: Row) -> Section:
        spec = self.specs.get(row.id)
        told = [
            blocks.block(spec, cell, side, (row.id, name), self.detail)
            for cell, (side, name) in zip(row.cells, self.places, strict=True)
            if cell
        ]
        advice = tuple((s.label, sentences) for s in self.sides if (sentences := _advice(s, row.id)))
        return Section(row, spec, self.described.get(row.id), tuple(told), advice)

    @cached_property
    def defaults(self) -> list[conventions.Convention]:
        """The backends' default parameters beside those of the specification."""
        return conventions.defaults(self.specs, self.sides)

    @cached_property
    def kinks(self) -> list[conventions.Convention]:
        """The backends' derivatives at kinks beside those of the specification."""
        return conventions.kinks(self.specs, self.sides)

    @cached_property
    def spoken(self) -> list[conventions.Convention]:
        """Whose conventions the backends were judged by."""
        return conventions.spoken(self.sides)

    @cached_property
    def compositions(self) -> list[conventions.Convention]:
        """What the backends compose, having no operators of their own."""
        return conventions.compositions(self.specs, self.sides)

    @cached_property
    def masked_rows(self) -> list[conventions.Convention]:
        """What each path of the backends' attention does with a row without keys."""
        return conventions.masked_rows(self.specs, self.sides)

    @cached_property
    def fault_lists(self) -> list[FaultList]:
        """The distinct faults of each backend."""
        return fault_lists(self.specs, self.sides)

    @property
    def axes(self) -> Markup:
        """The axes that all charts share."""
        return Markup(charts.axes())

    @property
    def notices(self) -> list[str]:
        """What a reader should know before trusting the page."""
        return [
            f"{side.label} was made with other specifications than those shown here."
            for side in self.sides
            if side.results.spec_digest and side.results.spec_digest not in self._digests(side)
        ]

    def _digests(self, side: Side) -> set[str]:
        """Of all specifications, and of those that the results are about: a run may be of a part."""
        about = {check.activation for check in side.results.checks}
        part = [spec for name, spec in self.specs.items() if name in about]
        return {digest_of(self.specs.values()), digest_of(part)}

    def bars(self, side: Side) -> list[tuple[str, float, float]]:
        """The outcomes of a backend as parts of a bar 100 wide: outcome, start and width."""
        found: list[tuple[str, float, float]] = []
        start, total = 0.0, max(1, len(side.results.checks))
        for outcome, count in side.results.summary.items():
            width = 100 * count / total
            if count:
                found.append((outcome, round(start, 2), round(max(width, 0.4), 2)))
            start += width
        return found

    def environment(self, results: Results) -> list[tuple[str, str]]:
        """What the run recorded of the backend and of the machine, one line each."""
        return [(name, _line(v)) for name, v in {**results.backend.details, **results.environment}.items()]


def _advice(side: Side, activation: str) -> tuple[str, ...]:
    """The faults of an activation that change numbers, in their order, each in a sentence."""
    own = [fault for fault in side.results.faults if activation in fault.activations]
    return tuple(fault.sentence for fault in own if fault.gravity in _NUMERICAL)[:_ADVICE]


def _line(value: Any) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shortened(shown, 300)


def render(
    specs: Mapping[str, Spec], sides: Sequence[Side], comparisons: Sequence[ResultsComparison] = ()
) -> str:
    """The page as HTML, with as much detail as `LIMIT` allows."""
    made, told = "", {name: described(spec) for name, spec in specs.items()}
    for detail in DETAILS:
        made = _render(Page(specs, told, sides, comparisons, detail))
        if len(made.encode()) <= LIMIT:
            break
    return made


def _render(page: Page) -> str:
    names = {
        "page": page,
        "words": OUTCOME_WORDS,
        "legend_words": list(_LEGEND.items()),
        "number_words": list(_NUMBERS.items()),
        "class_words": [VARIANT_MARK, *CLASS_MARKS.values()],
        "categories": CATEGORIES,
        "interval": interval,
        "number": lambda n: "" if n is None else whole(n),
        "short": lambda text: _cut(text, page.detail.message),
    }
    return rendered("page.html", names)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length + 1].rsplit(maxsplit=1)[0][:length]} ..."
