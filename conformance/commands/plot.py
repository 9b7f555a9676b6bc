"""``actcheck plot NAME|--all -o folder``: pictures of activations and their derivatives."""

from __future__ import annotations

import argparse
from pathlib import Path

from actcheck.conformance.pictures.curves import NoCurveError
from actcheck.conformance.pictures.plotting import panels, png_file, svg_file
from actcheck.conformance.usage import UsageError
from actcheck.conformance.writing import write_whole
from actcheck.reference.specification.loading import SpecError, find, load_all
from actcheck.reference.specification.model import Spec


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "names", nargs="*", default=[], metavar="NAME", help="an activation, or a file of your own"
    )
    which.add_argument("--all", action="store_true", help="all shipped activations that have a curve")
    parser.add_argument(
        "-o", "--out", required=True, type=Path, metavar="FOLDER", help="made if it is missing"
    )
    parser.add_argument("--format", choices=("svg", "png"), default="svg", help="png needs matplotlib")


def main(arguments: argparse.Namespace) -> int:
    """Write one file an activation and say which. Returns 0; raises UsageError on bad input."""
    try:
        specs = list(load_all().values()) if arguments.all else [find(name) for name in arguments.names]
        arguments.out.mkdir(parents=True, exist_ok=True)
        for spec in specs:
            print(_draw(spec, arguments.out, arguments.format, arguments.all))
    except (SpecError, NoCurveError) as error:
        raise UsageError(str(error)) from error
    except ImportError as error:
        advice = "pip install 'actcheck[plot]', or use --format svg"
        raise UsageError(f"png pictures need matplotlib: {advice}") from error
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error
    return 0


def _draw(spec: Spec, folder: Path, kind: str, skip: bool) -> str:
    path = folder / f"{spec.id}.{kind}"
    try:
        shown = panels(spec, spec.default)
    except NoCurveError as error:
        if skip:
            return f"skipped: {error}"
        raise
    if kind == "svg":
        write_whole(path, svg_file(shown))
    else:
        png_file(shown, path)
    return str(path)
