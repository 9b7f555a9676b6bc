"""``actcheck report results.json... -o report.html``: a page from the results of one or more backends."""

from __future__ import annotations

import argparse
from pathlib import Path

from actcheck.conformance.report.build import write
from actcheck.conformance.usage import UsageError
from actcheck.reference.specification.loading import SpecError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("results", nargs="+", metavar="results.json", help="results of actcheck run --out")
    parser.add_argument(
        "-o", "--out", type=Path, default=Path("report.html"), metavar="FILE", help="default: report.html"
    )
    parser.add_argument(
        "--compare", metavar="OLD", help="earlier results, for a section about what changed since"
    )
    parser.add_argument(
        "--spec",
        action="append",
        default=[],
        metavar="FILE",
        help="a specification of your own; may be given again",
    )


def main(arguments: argparse.Namespace) -> int:
    """Write the page and say where. Returns 0; raises UsageError on bad input."""
    try:
        write(arguments.results, arguments.out, old=arguments.compare, specs=arguments.spec)
    except SpecError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error
    print(f"{arguments.out}: open it in a browser")
    return 0
