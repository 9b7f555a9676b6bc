"""The matrix of the landing page: a row for each activation, a column for each backend and format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from actcheck.conformance.judging.grading import GRADES
from actcheck.conformance.numerals import SEEN, count
from actcheck.conformance.report.page_numbers import ulp
from actcheck.conformance.report.sides import SEVERITY, Side, slug, unique
from actcheck.conformance.results.model import CheckRecord
from actcheck.reference.expressions.tree import Call, walk
from actcheck.reference.specification.model import Spec

#: How outcomes read on the page.
OUTCOME_WORDS = {
    "pass": "pass",
    "fail": "fail",
    "known_deviation": "known deviation",
    "stale_deviation": "stale deviation",
    "unsupported": "unsupported",
    "error": "error",
}
#: A class of wrong answers where there is room for three letters, and in words.
CLASS_MARKS = {
    "wrong_nan": ("NaN", "NaN where there is a value, or a value for NaN"),
    "wrong_infinity": ("Inf", "wrong infinity"),
    "wrong_zero_sign": ("±0", "wrong sign of a zero"),
    "lost_to_zero": ("→0", "zero for a normal number"),
}
#: A number that rests on other parameters than the defaults, which do better.
VARIANT_MARK = ("var", "the number is that of a variant, which the cell names; the defaults do better")
#: Ids of the page's own parts that a link could spell; its other ids begin with a capital letter.
RESERVED = ("main", "matrix", "conventions", "changes", "activations")
FAMILIES = ("Plain arithmetic", "With exponentials", "With structure", "Others")


@dataclass(frozen=True)
class Mark:
    """What one quantity of a cell amounts to: a glyph and a number."""

    #: The glyph's name: a grade where all is well, else an outcome.
    glyph: str
    number: str
    #: The same in words, for those who hear the page.
    words: str
    #: Classes of wrong answers that were seen beside the errors: as short as in the cell, and in words.
    classes: tuple[tuple[str, str], ...] = ()
    #: The grade, whatever the glyph; empty where there is none.
    grade: str = ""


@dataclass(frozen=True)
class Cell:
    """One activation on one backend in one format."""

    forward: Mark | None
    gradient: Mark | None
    #: Outcomes of the other checks that did not simply pass, with their counts, worst first.
    others: tuple[tuple[str, int], ...]
    #: Every outcome of the cell, with its count.
    counts: dict[str, int]
    words: str
    link: str = ""

    @property
    def outcome(self) -> str:
        """The worst outcome in the cell."""
        return next((o for o in SEVERITY if o in self.counts), "")


@dataclass(frozen=True)
class Row:
    """One activation over all columns; a cell is None where nothing was asked."""

    id: str
    title: str
    slug: str
    cells: tuple[Cell | None, ...]


def matrix(specs: dict[str, Spec], sides: Sequence[Side]) -> list[tuple[str, list[Row]]]:
    """Rows by family, in the order of the specifications; unknown activations come last."""
    named = {entry.activation for side in sides for entry in side.results.checks}
    order = [*(name for name in specs if name in named), *sorted(named - specs.keys())]
    links = unique([*RESERVED, *map(slug, order)])[len(RESERVED) :]
    taken = {*RESERVED, *links}
    families: dict[str, list[Row]] = {family: [] for family in FAMILIES}
    for activation, link in zip(order, links, strict=True):
        spec = specs.get(activation)
        cells = tuple(cell(activation, side, name) for side in sides for name in side.formats)
        cells = tuple(
            c and _linked(c, link, place, taken) for c, place in zip(cells, _places(sides), strict=True)
        )
        families[family(spec)].append(Row(activation, spec.title if spec else activation, link, cells))
    return [(name, rows) for name, rows in families.items() if rows]


def _places(sides: Iterable[Side]) -> list[str]:
    return [f"{side.slug}-{slug(name)}" for side in sides for name in side.formats]


def _linked(cell: Cell, row: str, place: str, taken: set[str]) -> Cell:
    """The cell with a link that nothing else on the page has."""
    link = f"{row}-{place}"
    while link in taken:
        link += "-"
    taken.add(link)
    return replace(cell, link=link)


def family(spec: Spec | None) -> str:
    """The family of an activation: by the functions that its definition calls."""
    if spec is None:
        return FAMILIES[3]
    if not spec.elementwise:
        return FAMILIES[2]
    called = {n.function for p in spec.definition for n in walk(p.value) if isinstance(n, Call)}
    return FAMILIES[1] if called - {"abs", "min", "max"} else FAMILIES[0]


def cell(activation: str, side: Side, format_name: str) -> Cell | None:
    """The cell of an activation, backend and format."""
    entries = side.at(activation, format_name)
    if not entries:
        return None
    forward, gradient = (mark(_accuracy(entries, q)) for q in ("forward", "gradient"))
    shown = {e.id for q in ("forward", "gradient") for e in _accuracy(entries, q)}
    others: Counter[str] = Counter(e.outcome for e in entries if e.id not in shown)
    told = tuple((o, others[o]) for o in SEVERITY if others[o] and o not in ("pass", "unsupported"))
    counts: dict[str, int] = Counter(e.outcome for e in entries)
    words = _cell_text(f"{activation} on {side.label}, {format_name}", forward, gradient, told)
    return Cell(forward, gradient, told, counts, words)


def _cell_text(
    place: str, forward: Mark | None, gradient: Mark | None, others: Iterable[tuple[str, int]]
) -> str:
    marks = [f"{name} {m.words}" for name, m in (("forward", forward), ("gradient", gradient)) if m]
    more = [f"{count(n, 'other check')}: {OUTCOME_WORDS[o]}" for o, n in others]
    return f"{place}: {'; '.join([*marks, *more]) or 'all checks pass'}"


def _accuracy(entries: Iterable[CheckRecord], quantity: str) -> list[CheckRecord]:
    return [e for e in entries if e.check == "accuracy" and e.quantity == quantity]


def mark(entries: Sequence[CheckRecord]) -> Mark | None:
    """Several checks of accuracy as the worst grade with the number it rests on, and what is wrong beside.

    A cell has the colour of its grade: only errors beyond the budgets make it that of the outcome.
    """
    if not entries:
        return None
    outcome = next(o for o in SEVERITY if any(e.outcome == o for e in entries))
    grade = max((e.grade for e in entries if e.grade), key=GRADES.index, default=None)
    if outcome == "error" or grade is None:
        return Mark(outcome, "", OUTCOME_WORDS[outcome])
    worst, number, unit = _number([e for e in entries if e.grade == grade], grade)
    seen = [n for n in CLASS_MARKS if any(e.wrong[n].count for e in entries if n in e.wrong)]
    told = [f"{grade} {number.removeprefix(SEEN)} {unit}, {_known(number)}" if number else grade]
    told += [OUTCOME_WORDS[outcome]] if outcome in ("fail", "known_deviation", "stale_deviation") else []
    told += [CLASS_MARKS[name][1] for name in seen]
    glyph = outcome if grade == "loose" and outcome in ("fail", "known_deviation") else grade
    classes = [CLASS_MARKS[name] for name in seen]
    if worst and _do_better(entries, worst, grade):
        told.append(f"with {worst.label}")
        classes.insert(0, (VARIANT_MARK[0], f"the number is that of {worst.label}; the defaults do better"))
    return Mark(glyph, number, ", ".join(told), tuple(classes), grade)


def _do_better(entries: Sequence[CheckRecord], worst: CheckRecord, grade: str) -> bool:
    """Whether errors beyond the ULP budget are those of a variant, and the defaults have a better grade."""
    defaults = [e.grade for e in entries if not e.variant and e.grade]
    return bool(worst.variant) and grade in ("scaled", "loose") and bool(defaults) and grade not in defaults


def _known(number: str) -> str:
    """Whether a maximum is proven for all inputs, or seen among some."""
    return "seen" if number.startswith(SEEN) else "proven"


def _number(entries: Sequence[CheckRecord], grade: str) -> tuple[CheckRecord | None, str, str]:
    """The check with the largest error of the kind that the grade is about, that error, and its unit."""
    scaled = grade == "scaled"
    errors = [(e, e.max_scaled_ulp if scaled else e.max_ulp) for e in entries]
    measured = [(e, error) for e, error in errors if error]
    if not measured:
        return None, "", ""
    seen = "" if all(e.exhaustive for e, _ in measured) else SEEN
    worst, error = max(measured, key=lambda pair: pair[1][1])
    return worst, seen + ulp(error[1]), "scaled ULP" if scaled else "ULP"
