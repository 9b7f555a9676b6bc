"""What the page tells of one activation on one backend in one format."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from actcheck.conformance.judging import grading
from actcheck.conformance.numerals import count, hexadecimal
from actcheck.conformance.report import charts
from actcheck.conformance.report.matrix import Cell, Mark, mark
from actcheck.conformance.report.page_numbers import decimal, interval, whole
from actcheck.conformance.report.sides import SEVERITY, Side
from actcheck.conformance.results.fault_records import RangeRecord
from actcheck.conformance.results.model import CheckRecord, ClassRecord
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.verdict import EDGES
from actcheck.reference.specification.model import Spec

CLASS_WORDS = {
    "wrong_nan": "wrong NaN",
    "wrong_infinity": "wrong infinity",
    "wrong_zero_sign": "wrong sign of zero",
    "lost_to_zero": "lost to zero",
}
_QUANTITIES = ("forward", "gradient")


@dataclass(frozen=True)
class Detail:
    """How much is told, so that a page of many backends stays small."""

    #: Measured checks told one by one, and checks that did not pass, in each block.
    rows: int
    faults: int
    #: Characters of a message.
    message: int
    #: Columns of a chart of errors; none draws none.
    columns: int
    histograms: bool = True
    #: Whether checks that passed are told with the command that repeats them.
    commands: bool = False
    #: Whether distinct faults stand with their scripts.
    scripts: bool = False


#: From generous to brief: the first that keeps the page within its limit is taken.
DETAILS = (
    Detail(60, 60, 1500, 160, commands=True, scripts=True),
    Detail(60, 60, 1500, 120, scripts=True),
    Detail(10, 12, 500, 120, scripts=True),
    Detail(4, 4, 300, 80, scripts=True),
    Detail(10, 12, 500, 120),
    Detail(4, 4, 300, 80),
    Detail(2, 2, 200, 40),
    Detail(2, 2, 200, 60, histograms=False),
    Detail(1, 1, 100, 0, histograms=False),
)


@dataclass(frozen=True)
class Value:
    """A float in hexadecimal and in decimal."""

    hexadecimal: str
    decimal: str


@dataclass(frozen=True)
class MeasuredCheck:
    """One check of accuracy as a line of the table."""

    entry: CheckRecord
    mark: Mark
    ulp: str
    scaled: str
    x: Value | None
    got: Value | None
    expected: Value | None
    #: Classes in words: how many inputs, the first, and over which ranges.
    classes: tuple[str, ...]
    message: str
    rerun: str


@dataclass(frozen=True)
class Block:
    """One cell of the matrix, told in full."""

    cell: Cell
    side: Side
    format: str
    #: Title and SVG of each chart.
    charts: tuple[tuple[str, Markup], ...]
    measured: tuple[MeasuredCheck, ...]
    #: Measured checks that are not told one by one.
    unmeasured: int
    #: Other checks that did not pass, worst first.
    faults: tuple[CheckRecord, ...]
    untold: int
    #: Names of the other checks that passed, with their counts.
    passed: tuple[tuple[str, int], ...]
    #: The command that repeats the whole block.
    again: str

    @property
    def total(self) -> int:
        """How many checks there are."""
        return sum(self.cell.counts.values())

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many checks had which outcome, the worst first."""
        return [(o, self.cell.counts[o]) for o in SEVERITY if o in self.cell.counts]


def block(spec: Spec | None, cell: Cell, side: Side, place: tuple[str, str], detail: Detail) -> Block:
    """The block of a cell; ``place`` is its activation and format."""
    entries = side.at(*place)
    accuracy = sorted((e for e in entries if e.check == "accuracy"), key=_worst_first)
    others = [e for e in entries if e.check != "accuracy"]
    faults = sorted((e for e in others if e.outcome != "pass"), key=_worst_first)
    told = _folded(accuracy, detail)
    return Block(
        cell=cell,
        side=side,
        format=place[1],
        charts=tuple(_charts(spec, accuracy, place[1], detail)),
        measured=tuple(_measured(e, detail) for e in told),
        unmeasured=len(accuracy) - len(told),
        faults=tuple(faults[: detail.faults]),
        untold=len(faults) - len(faults[: detail.faults]),
        passed=tuple(_counted(e.check for e in others if e.outcome == "pass")),
        again=_again(entries[0]),
    )


def _folded(accuracy: Sequence[CheckRecord], detail: Detail) -> list[CheckRecord]:
    """The worst ones, and of every quantity at least one."""
    kept = list(accuracy[: detail.rows])
    for quantity in dict.fromkeys(e.quantity for e in accuracy):
        if not any(e.quantity == quantity for e in kept):
            kept.append(next(e for e in accuracy if e.quantity == quantity))
    return kept


def _worst_first(entry: CheckRecord) -> tuple[int, int, float]:
    grade = grading.GRADES.index(entry.grade) if entry.grade else 0
    return SEVERITY.index(entry.outcome), -grade, -(entry.max_ulp[1] if entry.max_ulp else 0.0)


def _counted(names: Iterable[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return sorted(counts.items())


def _measured(entry: CheckRecord, detail: Detail) -> MeasuredCheck:
    worst = entry.worst
    values = (worst.x, worst.got, worst.expected) if worst else (None, None, None)
    x, got, expected = (None if v is None else value(v, entry.format) for v in values)
    if worst and worst.of_sum:
        x = None
    shown = mark([entry])
    assert shown is not None
    return MeasuredCheck(
        entry=entry,
        mark=shown,
        ulp=interval(entry.max_ulp) if entry.max_ulp else "",
        scaled=interval(entry.max_scaled_ulp) if entry.max_scaled_ulp and entry.grade == "scaled" else "",
        x=x,
        got=got,
        expected=expected,
        classes=tuple(_class(name, seen, entry.format) for name, seen in entry.wrong.items()),
        message="" if entry.outcome == "pass" else entry.message,
        rerun=entry.rerun if detail.commands or entry.outcome not in ("pass", "unsupported") else "",
    )


def _again(entry: CheckRecord) -> str:
    """The command of one check, with its format instead of the check."""
    try:
        words = shlex.split(entry.rerun)
        at = words.index("--check")
    except ValueError:
        return ""
    words[at : at + 2] = ["--dtype", entry.format] if entry.format in FORMATS else []
    return shlex.join(words)


def value(number: float, format_name: str) -> Value:
    """A float as a person reads it: the shortest decimal that means it in its format."""
    form = FORMATS.get(format_name)
    with np.errstate(all="ignore"):
        narrow = form.dtype.type(number) if form else number
    short = str(narrow) if float(narrow) == number else decimal(number)
    return Value(hexadecimal(number), short.removesuffix(".0").replace("e+", "e"))


def _class(name: str, seen: ClassRecord, format_name: str) -> str:
    words = f"{CLASS_WORDS.get(name, name)} for {count(seen.count, 'input')}"
    first = f", first {_both(seen.first, format_name)}" if seen.first is not None and seen.count > 1 else ""
    ranges = [_range(r, format_name) for r in seen.ranges[:3]]
    more = f" and {whole(len(seen.ranges) - 3)} more ranges" if len(seen.ranges) > 3 else ""
    return f"{words}{first}{': ' if ranges else ''}{'; '.join(ranges)}{more}"


def _range(run: RangeRecord, format_name: str) -> str:
    low, high = (_both(end, format_name) for end in (run.low, run.high))
    return low if low == high else f"{low} to {high}"


def _both(number: float, format_name: str) -> str:
    shown = value(number, format_name)
    same = shown.decimal == shown.hexadecimal
    return shown.decimal if same else f"{shown.hexadecimal} ({shown.decimal})"


def _charts(
    spec: Spec | None, accuracy: Sequence[CheckRecord], format_name: str, detail: Detail
) -> Iterable[tuple[str, Markup]]:
    for quantity in _QUANTITIES if detail.columns and format_name in FORMATS else ():
        entries = [e for e in accuracy if e.quantity == quantity]
        drawn = _drawn(spec, entries, format_name, quantity)
        if drawn.segments or drawn.points or drawn.ranges:
            yield charts.caption(drawn, quantity), Markup(charts.errors(drawn, detail.columns))
        counts = _histogram(entries) if detail.histograms else []
        if any(counts[1:]):
            share = f"{whole(counts[0])} of {whole(sum(counts))} within half an ULP"
            yield f"Points by error, {quantity}, log scale: {share}", Markup(charts.histogram(counts))


def _histogram(entries: Sequence[CheckRecord]) -> list[int]:
    """The histograms of all variants as one; those with other bins than ours are left out."""
    bins = [e.histogram for e in entries if len(e.histogram) == len(EDGES) + 1]
    return [sum(counts) for counts in zip(*bins, strict=True)]


def _drawn(
    spec: Spec | None, entries: Sequence[CheckRecord], format_name: str, quantity: str
) -> charts.Drawn:
    segments = [s for e in entries for s in e.segments or ()]
    return charts.Drawn(
        format_name=format_name,
        segments=segments,
        points=[
            (e.worst.x, e.max_ulp[1])
            for e in entries
            if e.worst and not e.worst.of_sum and e.max_ulp and e.max_ulp[1] > 0
        ],
        ranges=[r for e in entries for c in e.wrong.values() for r in c.ranges],
        budget=_budget(spec, format_name, quantity),
        known="proven" if all(e.exhaustive for e in entries if e.max_ulp) else "seen",
    )


def _budget(spec: Spec | None, format_name: str, quantity: str) -> float | None:
    known = spec is not None and quantity in spec.accuracy
    return grading.budget(spec, quantity, format_name) if spec and known else None
