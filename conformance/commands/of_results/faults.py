"""``actcheck faults results.json``: the distinct faults of a run, each in full."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from actcheck.conformance.numerals import count
from actcheck.conformance.results.reading import read
from actcheck.conformance.run.fault_list import Listing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("results", metavar="results.json", help="results of actcheck run --out")
    parser.add_argument("--known", action="store_true", help="those that known deviations excuse")
    parser.add_argument("--short", action="store_true", help="at most a screen")


def main(arguments: argparse.Namespace) -> int:
    """Print the faults. Returns 1 where any stands, else 0; raises UsageError."""
    results = read(arguments.results)
    standing = [fault for fault in results.faults if not fault.known]
    shown = [fault for fault in results.faults if fault.known] if arguments.known else standing
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 80)
    console.print(f"{results.source}: {count(len(shown), 'distinct fault')}", markup=False)
    Listing(whole=not arguments.short).print(shown, console)
    return int(bool(standing))
