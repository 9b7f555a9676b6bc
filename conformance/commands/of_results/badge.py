"""``actcheck badge results.json``: the badge of a backend, as SVG or as JSON for a badge service."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from actcheck.conformance.report.badge import Badge, as_json, as_svg, badge
from actcheck.conformance.results.reading import read
from actcheck.conformance.usage import UsageError
from actcheck.conformance.writing import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("results", metavar="results.json", help="results of actcheck run --out")
    parser.add_argument(
        "-o", "--out", action="append", metavar="FILE", help="badge.svg or badge.json; may be given twice"
    )
    parser.add_argument("--profile", choices=("standard", "strict"), help="default: that of the results")


def main(arguments: argparse.Namespace) -> int:
    """Write the badge, or print its JSON. Returns 0; raises UsageError on bad input."""
    paths = [Path(name) for name in arguments.out or ()]
    try:
        shown = badge(read(arguments.results), arguments.profile)
        contents = {path: _content(path, shown) for path in paths}
        for path, content in contents.items():
            write_whole(path, content)
    except ValueError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error
    if not paths:
        print(json.dumps(as_json(shown)))
    return 0


def _content(path: Path, shown: Badge) -> str:
    match path.suffix:
        case ".svg":
            return as_svg(shown)
        case ".json":
            return json.dumps(as_json(shown)) + "\n"
    raise ValueError(f"{path}: a badge is written as .svg or .json")
