"""``actcheck vectors``: inputs with their correctly rounded results, for other test suites."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from actcheck.adapters import registry
from actcheck.conformance.model import Settings
from actcheck.conformance.numerals import count
from actcheck.conformance.run.session import SessionError, selection_of
from actcheck.conformance.usage import UsageError
from actcheck.conformance.vectors import files, onnx_files
from actcheck.conformance.vectors.made import QUANTITIES, Vectors, vectors
from actcheck.reference.certificates.model import CertificateError
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.dialects import in_dialect, named
from actcheck.reference.specification.model import Spec

#: The adapter whose models the tests of ONNX are of.
_ONNX = "onnx-reference"
_FEWEST, _MOST = 16, 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add = parser.add_argument
    add("-o", "--out", required=True, type=Path, metavar="FOLDER", help="where to write them")
    add("--format", choices=("npz", "jsonl", "onnx"), default="npz", help="of the files (default: npz)")
    add("--activation", action="append", default=[], metavar="NAME", help="only this one, or a YAML file")
    add("--dtype", action="append", choices=tuple(FORMATS), help="only this format (default: float32)")
    add("--quantity", action="append", choices=QUANTITIES, help="only this one (default: all)")
    add("--count", type=int, default=1000, metavar="INPUTS", help="about so many for each (default: 1000)")
    add("--seed", type=int, default=0, metavar="NUMBER", help="of the inputs (default: 0)")


def main(arguments: argparse.Namespace) -> int:
    """Write them. Returns 0, or 1 where there was nothing to write. Raises UsageError."""
    if not _FEWEST <= arguments.count <= _MOST:
        raise UsageError(f"--count {arguments.count}: give {_FEWEST} to {_MOST:,} inputs")
    folder: Path = arguments.out
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is no folder; give the name of one")
    specs = _specs(arguments.activation)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = _written(folder, specs, arguments)
    except CertificateError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    print(f"{folder}: {count(written, 'vector')}")
    return int(not written)


def _specs(names: list[str]) -> tuple[Spec, ...]:
    """The element-wise ones among those that are asked for. Raises UsageError for others that are named."""
    try:
        specs = selection_of(Settings("", activations=tuple(names)))[0].specs
    except SessionError as error:
        raise UsageError(str(error)) from error
    for spec in specs:
        if names and spec.kind != "elementwise":
            raise UsageError(f"{spec.id}: is {spec.kind}; vectors are of element-wise activations alone")
    return tuple(spec for spec in specs if spec.kind == "elementwise")


def _written(folder: Path, specs: Sequence[Spec], arguments: argparse.Namespace) -> int:
    """The number of vectors written. Raises OSError and UsageError."""
    if arguments.format == "onnx":
        return _tests(folder, specs, arguments)
    made = _made(specs, arguments, tuple(arguments.quantity or QUANTITIES))
    if arguments.format == "npz":
        return files.write_npz(folder / "vectors.npz", made)
    return files.write_lines(folder / "vectors.jsonl", made)


def _tests(folder: Path, specs: Sequence[Spec], arguments: argparse.Namespace) -> int:
    """Tests of ONNX, by whose conventions they are."""
    if arguments.quantity not in (None, ["forward"]):
        raise UsageError(
            "--format onnx: ONNX has no derivatives of operators; --quantity forward is all there is"
        )
    adapter = registry.find(_ONNX)
    description = adapter.describe()
    if description.unavailable:
        raise UsageError(f"--format onnx: {description.unavailable}")
    dialect = named(description.dialect)
    made = _made([in_dialect(spec, dialect) for spec in specs], arguments, ("forward",))
    written, left = onnx_files.write_tests(folder, made, adapter)
    for name, reason in left.items():
        print(f"left out: {name}: {reason}", file=sys.stderr)
    return written


def _made(
    specs: Sequence[Spec], arguments: argparse.Namespace, quantities: Sequence[str]
) -> Iterator[Vectors]:
    formats = tuple(arguments.dtype or ("float32",))
    return vectors(specs, formats, quantities, arguments.seed, arguments.count)
