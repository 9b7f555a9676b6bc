"""``actcheck questions``: write inputs to files, for what cannot be called from here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from actcheck.conformance.by_file.writing import QUANTITIES, Request, write
from actcheck.conformance.model import Settings
from actcheck.conformance.numerals import count
from actcheck.conformance.run.session import SessionError, selection_of
from actcheck.conformance.usage import UsageError
from actcheck.reference.formats import FORMATS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add = parser.add_argument
    add("activation", nargs="+", metavar="NAME", help="an element-wise activation, or a YAML file")
    add("-o", "--out", required=True, type=Path, metavar="FOLDER", help="where to write them")
    add("--dtype", action="append", choices=tuple(FORMATS), help="only this format (default: float32)")
    add("--quantity", action="append", choices=QUANTITIES, help="only this one (default: both)")
    add("--seed", type=int, default=0, metavar="NUMBER", help="of the sampled points (default: 0)")


def main(arguments: argparse.Namespace) -> int:
    """Write them. Returns 0."""
    try:
        selection, paths = selection_of(Settings("", activations=tuple(arguments.activation)))
    except SessionError as error:
        raise UsageError(str(error)) from error
    for spec in selection.specs:
        if spec.kind != "elementwise":
            raise UsageError(f"{spec.id}: is {spec.kind}; by file are element-wise activations alone")
    folder: Path = arguments.out
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is no folder; give the name of one")
    formats = tuple(arguments.dtype or ("float32",))
    request = Request(
        selection.specs, paths, formats, tuple(arguments.quantity or QUANTITIES), arguments.seed
    )
    try:
        write(folder, request, lambda name, inputs: print(f"{name}: {count(inputs, 'input')}"))
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    print(f"put the results beside them, then: actcheck judge {folder}", file=sys.stderr)
    return 0
