"""``actcheck compare old.json new.json``: what changed, for a terminal or as JSON."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator

from actcheck.conformance.numerals import count
from actcheck.conformance.report.compare import CATEGORIES, Change, ResultsComparison, as_json, compare
from actcheck.conformance.report.page_numbers import interval
from actcheck.conformance.results.model import CheckRecord, Results
from actcheck.conformance.results.reading import read_all

_WIDTH = 80
#: So many changes of a category are told one by one.
_TOLD = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("old", metavar="old.json", help="results of the earlier run")
    parser.add_argument("new", metavar="new.json", help="results of the later run")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def main(arguments: argparse.Namespace) -> int:
    """Print the changes. Returns 1 if a check is newly failing, else 0; raises UsageError."""
    old, new = read_all([arguments.old, arguments.new])
    comparison = compare(old, new)
    if arguments.json:
        print(json.dumps(as_json(comparison), indent=1, ensure_ascii=False))
    else:
        print("\n".join(lines(comparison)))
    return 1 if "newly_failing" in comparison.groups else 0


def lines(comparison: ResultsComparison) -> Iterator[str]:
    """The comparison as lines of at most 80 columns."""
    yield from _wrapped(f"old: {_side(comparison.old)}", "")
    yield from _wrapped(f"new: {_side(comparison.new)}", "")
    for caveat in comparison.caveats:
        yield from _wrapped(f"note: {caveat}", "")
    for what, faults in (("new", comparison.faults.new), ("gone", comparison.faults.gone)):
        if faults:
            yield ""
            yield f"Distinct faults that are {what} ({len(faults)})"
            for fault in faults:
                yield from _wrapped(fault.sentence, "  ")
    for category, changes in comparison.groups.items():
        yield ""
        yield f"{CATEGORIES[category]} ({len(changes)})"
        for change in changes[:_TOLD]:
            yield from _change(change)
        if len(changes) > _TOLD:
            yield f"  and {len(changes) - _TOLD} more (--json has them all)"
    yield ""
    counts = [f"{len(changes)} {name.replace('_', ' ')}" for name, changes in comparison.groups.items()]
    yield from _wrapped(", ".join([*counts, f"{count(comparison.unchanged, 'check')} unchanged"]), "")


def _side(results: Results) -> str:
    backend = results.backend
    what = " ".join(p for p in (backend.name, backend.version, results.level, results.profile) if p)
    return f"{results.source}  {what}, {count(len(results.checks), 'check')}"


def _change(change: Change) -> Iterator[str]:
    yield from _wrapped(change.entry.id, "  ")
    sides = [_outcome(side) if side else "absent" for side in (change.old, change.new)]
    yield from _wrapped(change.what or " -> ".join(sides), "    ")
    bad = change.new is not None and change.new.outcome in ("fail", "known_deviation", "error")
    if bad and change.entry.message:
        yield from _wrapped(change.entry.message, "    ")
    if change.category == "newly_failing" and change.entry.rerun:
        yield from _wrapped(change.entry.rerun, "    ")


def _outcome(entry: CheckRecord) -> str:
    measured = [entry.grade or "", f"{interval(entry.max_ulp)} ULP {entry.known}" if entry.max_ulp else ""]
    shown = ", ".join(m for m in measured if m)
    return entry.outcome.replace("_", " ") + (f" ({shown})" if shown else "")


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
    )
