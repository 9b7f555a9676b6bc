"""``actcheck zoo``: which of the faulty backends that lie among the tests are caught."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from actcheck.conformance.usage import UsageError

_ROOT = Path(__file__).resolve().parents[2]
_MOST_WORKERS = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add = parser.add_argument
    add("--level", choices=("quick", "full"), default="quick", help="what is asked; quick if not given")
    add("--kind", help="only faults of this kind")
    add("--name", help="only those whose name holds this")
    add("--every", action="store_true", help="ask every question, whatever was told before")
    add("-n", dest="workers", type=int, default=1, metavar="WORKERS", help="processes")


def main(arguments: argparse.Namespace) -> int:
    """Ask, and print a line a backend. Returns 1 where one is missed that the level must catch.

    Raises UsageError where the tests are not there, as in an installed wheel.
    """
    if not (_ROOT / "tests" / "zoo" / "collection.py").is_file():
        raise UsageError("the faulty backends are among the tests, which a wheel leaves out: use a checkout")
    if not 1 <= arguments.workers <= _MOST_WORKERS:
        raise UsageError(f"-n {arguments.workers}: give 1 to {_MOST_WORKERS} workers")
    if str(_ROOT) not in sys.path:
        sys.path.insert(0, str(_ROOT))
    return int(importlib.import_module("tests.zoo.telling").main(arguments))
