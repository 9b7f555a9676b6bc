"""Vectors as files of arrays (npz) and as lines of text (jsonl)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck import __version__
from actcheck.conformance.vectors.made import Vectors
from actcheck.conformance.writing import write_whole

Array = NDArray[Any]
SCHEMA_ID = "actcheck-vectors/1"
ARRAYS = ("x", "expected", "below", "above", "lower", "upper")


def write_npz(path: Path, made: Iterable[Vectors]) -> int:
    """One file: ``NAME/x`` and so on, and ``manifest``, JSON in UTF-8. Returns the number of vectors.

    numpy knows no bfloat16: such arrays are of uint16, the bits of the numbers. Raises OSError.
    """
    arrays: dict[str, Array] = {}
    entries: list[dict[str, Any]] = []
    for vectors in made:
        entries.append(vectors.about)
        arrays |= {f"{vectors.name}/{name}": _known(getattr(vectors, name)) for name in ARRAYS}
    head = {"schema": SCHEMA_ID, "actcheck": __version__, "vectors": entries}
    manifest = np.frombuffer(json.dumps(head).encode(), np.uint8)
    content = io.BytesIO()
    np.savez_compressed(content, manifest=manifest, **arrays)  # type: ignore[arg-type]
    write_whole(path, content.getvalue())
    return sum(entry["count"] for entry in entries)


def write_lines(path: Path, made: Iterable[Vectors]) -> int:
    """One JSON object a line, with its arrays as hexadecimal floats. Returns the number of vectors.

    Raises OSError.
    """
    lines, count = [], 0
    for vectors in made:
        arrays = {name: _hexadecimal(getattr(vectors, name)) for name in ARRAYS}
        head = {"schema": SCHEMA_ID, "actcheck": __version__}
        lines.append(json.dumps({**head, **vectors.about, **arrays}))
        count += len(vectors.x)
    write_whole(path, "".join(f"{line}\n" for line in lines))
    return count


def _known(array: Array) -> Array:
    return array if array.dtype.kind == "f" else array.view(np.uint16)


def _hexadecimal(array: Array) -> list[str]:
    return [float.hex(value) for value in array.astype(np.float64).tolist()]
