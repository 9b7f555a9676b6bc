"""The closing words of a run, to be read in ten seconds: a table, then what failed, the worst first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from actcheck.conformance import numerals
from actcheck.conformance.judging.grading import GRADES
from actcheck.conformance.numerals import SEEN
from actcheck.conformance.results.model import CheckRecord, Results
from actcheck.conformance.results.records import CheckResult
from actcheck.conformance.run.staleness import CHECK as DEVIATIONS
from actcheck.reference.formats import FORMATS

#: So many failures are told in full.
SHOWN = 12
#: Faults told for one failure.
_FAULTS = 3
QUANTITIES = ("forward", "gradient")
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
LEGEND = (
    "Cells: forward, gradient: grade and worst ULP of the finite results, rounded up. E exact, "
    "F faithful (< 1), T tight (<= 4), B in budget, S in budget on the scaled error, L beyond. "
    "✗ failed, ! broke, k known deviation, - unsupported. "
    "E 0.50 proven: no input of the format has a larger error; "
    "E~0.50 seen: the largest among the inputs that were sampled."
)


def print_summary(results: Results, failures: Mapping[str, CheckResult], console: Console) -> None:
    """The table, the failures and how to see them again, known deviations, what is lacking."""
    records = results.checks
    table = _table(records)
    if table.row_count:
        console.print(table)
        console.print(Text(LEGEND, style="dim"))
    _failures(records, failures, console)
    _known(records, console)
    _unsupported(records, console)
    console.print()
    if results.left_out:
        console.print(Text(f"Left to the full level: {results.left_out_text}.", style="dim"))
    console.print(_counts(results))


def _table(records: Sequence[CheckRecord]) -> Table:
    formats = [f for f in FORMATS if any(r.format == f for r in records)]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("", no_wrap=True)
    for name in formats:
        table.add_column(name, no_wrap=True)
    table.add_column("checks", justify="right", no_wrap=True)
    by_activation: dict[str, list[CheckRecord]] = {}
    for record in records:
        if record.check != DEVIATIONS:
            by_activation.setdefault(record.activation, []).append(record)
    for activation, own in by_activation.items():
        if all(r.outcome == "unsupported" for r in own):
            continue  # the reasons below say it
        cells = [_cell([r for r in own if r.format == f]) for f in formats]
        table.add_row(Text(activation), *cells, _tally(own))
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
    worst = short(max(_high(r) for r in graded))
    return Text.assemble((f"{grade[0].upper()}{known}{worst:<4}", _STYLES[grade]), (mark, colour))


def _high(record: CheckRecord) -> float:
    return float(record.max_ulp[1] if record.max_ulp else 0.0)


def short(error: float) -> str:
    """Rounded up to at most four characters where they do: 0.50, 13.2, 742, 8e6."""
    if not math.isfinite(error):
        return str(error)
    for most, places in ((9.99, 2), (99.9, 1), (9999, 0)):
        if error <= most:
            return str(Decimal(error).quantize(Decimal(1).scaleb(-places), ROUND_CEILING))
    return f"{float(numerals.above(error, 1)):.0e}".replace("e+0", "e").replace("e+", "e")


def _tally(records: Sequence[CheckRecord]) -> Text:
    """How many passed of those that were answered."""
    answered = [r for r in records if r.outcome != "unsupported"]
    good = sum(r.outcome in ("pass", "known_deviation", "stale_deviation") for r in answered)
    return Text(f"{good}/{len(answered)}", style="" if good == len(answered) else "red")


def _failures(records: Iterable[CheckRecord], failures: Mapping[str, CheckResult], console: Console) -> None:
    failed = sorted((r for r in records if r.outcome in ("fail", "error")), key=_gravity)
    if not failed:
        return
    console.print(f"\n[bold red]{len(failed)} failed[/], the worst first:")
    for record in failed[:SHOWN]:
        label = record.label
        what = "broke" if record.outcome == "error" else record.check
        title = f"{record.activation} ({label}) {record.format} {record.quantity}: {what}"
        console.print(Text(title, style="bold"), soft_wrap=True)
        asked = failures.get(record.id)
        lines = [f.message for f in asked.faults] if asked else record.message.splitlines()
        lines = [
            *lines[:_FAULTS],
            *([f"and {len(lines) - _FAULTS} faults more"] if len(lines) > _FAULTS else []),
        ]
        for line in lines:
            console.print(Text(f"  {line}"), soft_wrap=True)
        console.print(Text(f"  {record.rerun}", style="dim"), soft_wrap=True)
    if len(failed) > SHOWN:
        console.print(f"... and {len(failed) - SHOWN} more: --out FILE keeps them all")


def _gravity(record: CheckRecord) -> tuple[int, float, str]:
    """Wrong NaNs and infinities first, then by the error, then what broke."""
    wrong = {"wrong_nan", "wrong_infinity"} & set(record.wrong)
    return (record.outcome == "error", -math.inf if wrong else -_high(record), record.id)


def _known(records: Iterable[CheckRecord], console: Console) -> None:
    reasons: dict[str, list[CheckRecord]] = {}
    for record in records:
        if record.outcome == "known_deviation":
            for line in record.message.splitlines():
                reasons.setdefault(line, []).append(record)
        elif record.outcome == "stale_deviation":
            console.print(Text(f"stale: {record.message}", style="cyan"), soft_wrap=True)
    if reasons:
        console.print("\n[bold]Known deviations[/]")
    for reason, own in reasons.items():
        names = ", ".join(dict.fromkeys(r.activation for r in own))
        console.print(Text(f"  {names} ({numerals.count(len(own), 'check')}): {reason}"), soft_wrap=True)


def _unsupported(records: Iterable[CheckRecord], console: Console) -> None:
    reasons: dict[str, int] = {}
    for record in records:
        if record.outcome == "unsupported":
            reasons[record.message] = reasons.get(record.message, 0) + 1
    if reasons:
        console.print("\n[bold]Unsupported[/]")
    for reason, number in reasons.items():
        console.print(f"  {escape(reason)} ({numerals.count(number, 'check')})", soft_wrap=True)


def _counts(results: Results) -> Text:
    summary = results.summary
    told = [f"{number} {name.replace('_', ' ')}" for name, number in summary.items() if number]
    line = f"{results.backend.name}: {', '.join(told) or 'nothing was asked'}"
    text = Text(line, style="bold red" if results.failed else "bold green")
    return text if results.complete else text.append(" (interrupted)", style="bold yellow")
