"""``actcheck history results.json... -o page.html``: one backend over versions, or over several machines."""

from __future__ import annotations

import argparse
from pathlib import Path

from actcheck.conformance.numerals import count
from actcheck.conformance.report.history import write
from actcheck.conformance.usage import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("results", nargs="+", metavar="results.json", help="results, the oldest first")
    parser.add_argument(
        "-o", "--out", type=Path, default=Path("history.html"), metavar="FILE", help="default: history.html"
    )


def main(arguments: argparse.Namespace) -> int:
    """Write the page and say what is new and gone at each step. Returns 0; raises UsageError."""
    try:
        made = write(arguments.results, arguments.out)
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error
    for step in made.steps:
        new, gone = (len(faults) for faults in (step.faults.new, step.faults.gone))
        print(f"{step.before} -> {step.after}: {count(new, 'new fault')}, {gone} gone")
    print(f"{arguments.out}: open it in a browser")
    return 0
