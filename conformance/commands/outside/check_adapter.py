"""``actcheck check-adapter``: try the contract of an adapter, and say what it does wrong."""

from __future__ import annotations

import argparse

from actcheck.adapters.options import OptionError, with_options
from actcheck.conformance.backends.probe import ProbeError, probe
from actcheck.conformance.contracts import apart
from actcheck.conformance.contracts.trial import print_trials
from actcheck.conformance.usage import UsageError
from actcheck.reference.specification.loading import load_all
from actcheck.reference.specification.loading.errors import near

#: Seconds that one trial may take, compilation included.
_PATIENCE = 120.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("backend", metavar="NAME", help="numpy, torch-cpu, path.py:Class, module:Class, ...")
    told = "only this one; may be repeated"
    parser.add_argument("--activation", action="append", default=[], metavar="NAME", help=told)
    told = "an option of the backend; may be repeated"
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help=told)
    told = f"for one trial (default: {_PATIENCE:g})"
    parser.add_argument("--timeout", type=float, default=_PATIENCE, metavar="SECONDS", help=told)


def main(arguments: argparse.Namespace) -> int:
    """Print what is wrong. Returns 1 where anything is."""
    if not arguments.timeout > 0:
        raise UsageError(f"--timeout {arguments.timeout:g}: give seconds above 0")
    known = load_all()
    for activation in arguments.activation:
        if activation not in known:
            told = f"there is no such activation{near(activation, known)}"
            raise UsageError(f"--activation {activation}: {told}")
    try:
        name = with_options(arguments.backend, arguments.option)
        unavailable = probe(name).unavailable
    except OptionError as error:
        raise UsageError(f"--option: {error}") from error
    except ProbeError as error:
        raise UsageError(str(error)) from error
    if unavailable:
        raise UsageError(f"{name}: {unavailable}")
    return print_trials(apart.trials(name, tuple(arguments.activation), arguments.timeout))
