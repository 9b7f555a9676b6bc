"""``actcheck check-program``: try the protocol of a program, and say what it does wrong."""

from __future__ import annotations

import argparse

from actcheck.adapters.child.program import Program
from actcheck.conformance.contracts.programs import trials
from actcheck.conformance.contracts.trial import print_trials
from actcheck.conformance.usage import UsageError
from actcheck.reference.specification import loading

#: Seconds for a program to say hello, and to end.
_PATIENCE = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("command", metavar="COMMAND", help="a program and its arguments, as one word")
    told = "a specification of your own; may be repeated"
    parser.add_argument("--spec", action="append", default=[], metavar="FILE", help=told)


def main(arguments: argparse.Namespace) -> int:
    """Print what is wrong. Returns 1 where anything is."""
    try:
        own = [loading.find(path) for path in arguments.spec]
    except loading.SpecError as error:
        raise UsageError(str(error)) from error
    specs = {**loading.load_all(), **{spec.id: spec for spec in own}}
    return print_trials(trials(Program(arguments.command, _PATIENCE), specs))
