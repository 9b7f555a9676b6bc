"""``actcheck deviations draft|check|apply``: known deviations from kept results, and against them."""

from __future__ import annotations

import argparse
from pathlib import Path

from actcheck.conformance.commands.run import asked_anew, console
from actcheck.conformance.deviations.files import DeviationsError
from actcheck.conformance.deviations.files import read as read_list
from actcheck.conformance.deviations.known import UNKNOWN, KnownDeviations
from actcheck.conformance.faults import drafting
from actcheck.conformance.results import documents
from actcheck.conformance.results.reading import read
from actcheck.conformance.run.lists import applied, looked_at
from actcheck.conformance.run.summary import print_summary
from actcheck.conformance.usage import UsageError
from actcheck.conformance.writing import write_whole
from actcheck.reference.specification.loading import load_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the three commands."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="draft|check|apply")
    draft = commands.add_parser("draft", help="write a list that excuses what failed in a run")
    draft.add_argument("results", metavar="results.json", help="results of actcheck run --out")
    draft.add_argument("-o", "--out", type=Path, required=True, metavar="FILE.yaml", help="the list")
    check = commands.add_parser("check", help="what of a list is stale, too wide or matches nothing")
    check.add_argument("list", type=Path, metavar="FILE.yaml", help="the list")
    given = check.add_mutually_exclusive_group(required=True)
    given.add_argument(
        "--results", metavar="results.json", help="kept results, made with or without the list"
    )
    given.add_argument("--backend", metavar="NAME", help="ask this backend anew, at the quick level")
    apply = commands.add_parser("apply", help="what a run with a list would have come to")
    apply.add_argument("list", type=Path, metavar="FILE.yaml", help="the list")
    apply.add_argument("results", metavar="results.json", help="kept results, made with or without the list")
    apply.add_argument("-o", "--out", type=Path, metavar="FILE", help="write the new results as JSON")


def main(arguments: argparse.Namespace) -> int:
    """Draft a list, or look at one. Returns 0, or 1 where a check has remarks or a fault stands.

    Raises UsageError on bad input.
    """
    ways = {"draft": _draft, "check": _check, "apply": _apply}
    try:
        return ways[arguments.what](arguments)
    except DeviationsError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error


def _draft(arguments: argparse.Namespace) -> int:
    results = read(arguments.results)
    entries = drafting.draft(results, load_all())
    if not entries:
        print(f"{results.source}: nothing fails that a list could excuse")
        return 0
    write_whole(arguments.out, drafting.text(results, entries))
    print(f"{arguments.out}: entries written: {len(entries)}, each with why: {UNKNOWN}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    entries = read_list(arguments.list)
    asked = arguments.results is None
    results = asked_anew(arguments.backend) if asked else read(arguments.results)
    told = looked_at(KnownDeviations(entries, results.backend.version), results)
    for line in told.lines:
        print(line)
    print(told.closing)
    return int(bool(told.lines))


def _apply(arguments: argparse.Namespace) -> int:
    results = read(arguments.results)
    known = KnownDeviations(read_list(arguments.list), results.backend.version)
    made = applied(known, results, load_all())
    if arguments.out:
        documents.write(arguments.out, made)
    print_summary(made, console(), arguments.out)
    return int(made.failed)
