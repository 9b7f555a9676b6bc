"""``actcheck reproduce results.json 3``: a script that shows a distinct fault, printed or written."""

from __future__ import annotations

import argparse
from pathlib import Path

from actcheck.adapters import registry
from actcheck.adapters.base import Adapter
from actcheck.conformance.faults.distinct import ordered
from actcheck.conformance.results.reading import read
from actcheck.conformance.scripts.shower import Shower
from actcheck.conformance.usage import UsageError
from actcheck.conformance.writing import write_whole
from actcheck.reference.specification.loading import load_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("results", metavar="results.json", help="results of actcheck run --out")
    parser.add_argument("fault", metavar="FAULT", help="its number, as the run and actcheck faults tell it")
    parser.add_argument(
        "--backend", metavar="NAME", help="the backend, where it is not a built-in one: path.py:Class, ..."
    )
    parser.add_argument("-o", "--out", type=Path, metavar="FILE.py", help="write the script")


def main(arguments: argparse.Namespace) -> int:
    """Print the script, or write it. Returns 0; raises UsageError on bad input."""
    results, specs = read(arguments.results), load_all()
    groups = ordered(results.checks, specs)
    if not arguments.fault.isdecimal() or not 1 <= int(arguments.fault) <= len(groups):
        known = f"1 to {len(groups)}" if groups else "none: the results hold no faults"
        raise UsageError(f"{arguments.fault}: no fault of {results.source}; its numbers are {known}")
    name = results.backend.name if arguments.backend is None else arguments.backend
    shower = Shower(specs, _adapter(name, given=arguments.backend), name, results)
    script = shower.script(groups[int(arguments.fault) - 1])
    if arguments.out is None:
        print(script, end="")
        return 0
    try:
        write_whole(arguments.out, script)
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error
    return 0


def _adapter(name: str, given: str | None) -> Adapter:
    # A file of results may name any code: only what the user names is loaded.
    if given is None and name not in registry.BUILT_IN:
        raise UsageError(f"{name}: not a built-in backend; say where its adapter is: --backend path.py:Class")
    try:
        return registry.find(name)
    except registry.AdapterError as error:
        raise UsageError(str(error)) from error
