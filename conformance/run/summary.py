"""The closing words of a run, to be read in ten seconds: a table, then what failed, the worst first."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from actcheck.conformance import numerals
from actcheck.conformance.deviations.known import UNKNOWN
from actcheck.conformance.faults.gathering import each, grouped
from actcheck.conformance.judging.grading import GRADES
from actcheck.conformance.numerals import SEEN
from actcheck.conformance.results.model import CheckRecord, Results
from actcheck.conformance.run.fault_list import Listing, fault_lines
from actcheck.conformance.run.staleness import CHECK as DEVIATIONS
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.number_models import IEEE
from actcheck.reference.specification.dialects import OWN, dialects

#: Of reasons, in columns.
_WIDTH = 76
#: Stands for the activations that a reason is about.
_NAMED = "{activation}"
#: So many known deviations are told.
_KNOWN = 6
#: Longer names are cut in the table, so that it fits 80 columns.
_NAME = 14
QUANTITIES = ("forward", "gradient")
FEW_SHAPES = "Few shapes were asked, since the backend compiles for each; --level full asks the others."
_STYLES = {
    "exact": "green",
    "faithful": "green",
    "tight": "green",
    "budget": "yellow",
    "scaled": "yellow",
    "loose": "red",
}
#: By the weight of what they say, the heaviest first; each with its mark in the table.
MARKS = {
    "error": ("!", "magenta"),
    "fail": ("✗", "red"),
    "stale_deviation": ("?", "cyan"),
    "known_deviation": ("k", "cyan"),
}
LEGEND = """\
Forward, gradient: grade and worst error in ULP, rounded up. E exact,
F faithful (< 1), T tight (<= 4), B in budget, S in budget in scaled ULP, which
it shows, L beyond; ✗ failed, ! broke, k known deviation, - unsupported.
E 0.50: proven, no input has a larger error; E~0.50: the largest one seen."""


def print_summary(results: Results, console: Console, out: Path | None = None) -> None:
    """The table, the faults, known deviations, what is lacking; ``out`` is where the results were written."""
    records = results.checks
    table = _table(records)
    if table.row_count:
        console.print(table)
        console.print(Text(LEGEND, style="dim"))
    _faults(results, console, out)
    _known(results, console, out)
    _unsupported(records, console)
    console.print()
    _composed(results, console)
    if results.backend.details.get("dear_shapes") and results.level == "quick":
        console.print(Text(FEW_SHAPES, style="dim"))
    if results.left_out:
        console.print(Text(f"Left to the full level: {results.left_out_text}.", style="dim"))
    console.print(_counts(results), soft_wrap=True)


def _table(records: Sequence[CheckRecord]) -> Table:
    formats = [f for f in FORMATS if any(r.format == f for r in records)]
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("", no_wrap=True)
    for name in formats:
        table.add_column(name, no_wrap=True)
    by_activation: dict[str, list[CheckRecord]] = {}
    for record in records:
        if record.check != DEVIATIONS:
            by_activation.setdefault(record.activation, []).append(record)
    for activation, own in by_activation.items():
        if all(r.outcome == "unsupported" for r in own):
            continue  # the reasons below say it
        cells = [_cell([r for r in own if r.format == f]) for f in formats]
        table.add_row(Text(_cut(activation)), *cells)
    return table


def _cell(records: Sequence[CheckRecord]) -> Text:
    """Forward and gradient: grade and worst ULP over all variants, and the gravest outcome of any check."""
    parts = [_quantity_text([r for r in records if r.quantity == q]) for q in QUANTITIES]
    return Text(" ").join(parts)


def _quantity_text(records: Sequence[CheckRecord]) -> Text:
    graded = [r for r in records if r.check == "accuracy" and r.grade]
    mark, colour = next((MARKS[o] for o in MARKS if any(r.outcome == o for r in records)), (" ", ""))
    if not graded:
        silent = "." if not records else "-" if all(r.outcome == "unsupported" for r in records) else ""
        return Text.assemble((f"{silent:<6}", "dim"), (mark, colour))
    grade = max((r.grade for r in graded if r.grade), key=GRADES.index)
    known = " " if all(r.exhaustive for r in graded) else SEEN
    worst = short(max(_high(r, grade) for r in graded if r.grade == grade))
    return Text.assemble((f"{grade[0].upper()}{known}{worst:<4}", _STYLES[grade]), (mark, colour))


def _high(record: CheckRecord, grade: str) -> float:
    """The largest error of the kind that the grade rests on."""
    error = record.max_scaled_ulp if grade == "scaled" else record.max_ulp
    return float(error[1] if error else 0.0)


def short(error: float) -> str:
    """Rounded up to at most four characters where they do: 0.50, 13.2, 742, 8e6."""
    if not math.isfinite(error):
        return str(error)
    for most, places in ((9.99, 2), (99.9, 1), (9999, 0)):
        if error <= most:
            return str(Decimal(error).quantize(Decimal(1).scaleb(-places), ROUND_CEILING))
    return numerals.with_exponent(error, 1).replace("e+0", "e").replace("e+", "e")


def _cut(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _faults(results: Results, console: Console, out: Path | None) -> None:
    """The distinct faults that stand, at most a screen of them, and how to see the rest."""
    standing = [fault for fault in results.faults if not fault.known]
    failed = [r for r in results.checks if r.outcome in ("fail", "error")]
    if not failed:
        return
    asked = [r for r in results.checks if r.outcome != "unsupported"]
    if len(standing) == 1 and len(failed) == len(asked) > 1:
        line = f"All {len(failed)} checks fail alike. {standing[0].sentence}"
        console.print(Text(f"\n{line}", style="bold red"), soft_wrap=True)
    elif standing:
        faults = numerals.count(len(standing), "distinct fault")
        checks = numerals.count(len(failed), "failed check")
        console.print(f"\n[bold red]{faults} behind {checks}[/], the most serious first")
        Listing().print(standing, console)
    for record in failed:
        if not record.faults:
            console.print(Text(f"{record.id}: {record.message}"), soft_wrap=True)
    file = str(out) if out else "FILE"
    keep = "" if out else "; --out FILE keeps the results"
    console.print(Text(f"actcheck faults {file} tells all{keep}", style="dim"), soft_wrap=True)


def _known(results: Results, console: Console, out: Path | None) -> None:
    """The known deviations in a line, and those that are listed but no longer seen."""
    for record in results.checks:
        if record.outcome == "stale_deviation":
            console.print(Text(f"stale: {record.message}", style="cyan"), soft_wrap=True)
    known = [fault for fault in results.faults if fault.known]
    if not known:
        return
    checks = numerals.count(results.summary["known_deviation"], "check")
    told = f"Known deviations: {numerals.count(len(known), 'distinct fault')} behind {checks}"
    console.print(f"\n[bold]{told}[/], the most serious first")
    undecided = sum(any(f"({UNKNOWN})" in line for line in fault.known) for fault in known)
    if undecided:
        console.print(f"     of {undecided} the list does not say why", style="dim")
    for fault in known[:_KNOWN]:
        for line in fault_lines(fault, in_full=False):
            console.print(Text(line), soft_wrap=True)
    if len(known) > _KNOWN:
        more = f"     and {len(known) - _KNOWN} more: actcheck faults {out or 'FILE'} --known"
        console.print(Text(more, style="dim"))


def _unsupported(records: Iterable[CheckRecord], console: Console) -> None:
    unsupported = [record for record in records if record.outcome == "unsupported"]
    if unsupported:
        console.print("\n[bold]Unsupported[/]")
    for reason, those in grouped(unsupported, _of_any).items():
        names = each(record.activation for record in those)
        told = those[0].message if len(names) == 1 else reason.replace(_NAMED, ", ".join(names))
        line = f"{told} ({numerals.count(len(those), 'check')})"
        for part in textwrap.wrap(line, _WIDTH, break_long_words=False):
            console.print(Text(f"  {part}"), soft_wrap=True)


def _composed(results: Results, console: Console) -> None:
    """The activations for which the framework has no operator of its own."""
    told = results.backend.details.get("compositions", {})
    if told:
        listed = ", ".join(f"{name} ({composition})" for name, composition in told.items())
        console.print(Text(f"Compositions, no operators of the framework's own: {listed}.", style="dim"))


def _of_any(record: CheckRecord) -> str:
    """The reason, whichever activation it names."""
    return record.message.replace(record.activation, _NAMED)


def _allowed(results: Results) -> str:
    """How many results are right in the number model alone."""
    number = sum(sum((check.allowed or {}).values()) for check in results.checks)
    return f", in which alone {numerals.count(number, 'result')} {'is' if number == 1 else 'are'} right"


def _counts(results: Results) -> Text:
    summary = results.summary
    told = [f"{number} {name.replace('_', ' ')}" for name, number in summary.items() if number]
    line = f"{results.backend.name}: {', '.join(told) or 'nothing was asked'}"
    unasked = [quantity.replace("_", " ") for quantity in results.unasked]
    if unasked:
        line += f" (no {' and no '.join(unasked)} was asked)"
    if results.number_model != IEEE:
        line += f", judged in {results.number_model}{_allowed(results)}"
    if results.dialect != OWN:
        line += f", by the conventions of {dialects()[results.dialect].title}"
    text = Text(line, style="bold red" if results.failed else "bold green")
    return text if results.complete else text.append(" (interrupted)", style="bold yellow")
