"""A folder of questions: what was asked, and the results that lie beside the inputs.

Each question is a folder of its own with ``x.bin`` and, of gradients, ``upstream.bin``: numbers of its
format, little-endian, one after the other. The results are ``result.bin`` in the same form, or
``result.npy``.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from actcheck.adapters.raised import printable, shortened
from actcheck.adapters.values import Array

SCHEMA = Path(__file__).with_name("questions.schema.json")
SCHEMA_ID = "actcheck-questions/1"
QUESTIONS, BACKEND = "questions.json", "backend.json"
#: What may be said of whoever computed the results.
_TOLD = ("name", "framework", "version", "device", "number_model")


class FolderError(ValueError):
    """A folder that cannot be read: what, where, and what to do; all its errors, one a line."""


@dataclass(frozen=True)
class Asked:
    """One question of a folder."""

    path: Path
    activation: str
    #: As JSON holds them: numbers that are not finite are the texts nan, inf and -inf.
    parameters: Mapping[str, Any]
    format: str
    quantity: str
    count: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its numbers."""
        return np.dtype(getattr(ml_dtypes, self.format, self.format))

    def inputs(self) -> tuple[Array, Array | None]:
        """x, and the upstream of gradients. Raises FolderError."""
        x = self._raw(self.path / "x.bin")
        return x, self._raw(self.path / "upstream.bin") if self.quantity == "gradient" else None

    @property
    def result(self) -> Path | None:
        """The file of the results; None where there is none. Raises FolderError where there are two."""
        found = [path for name in ("result.bin", "result.npy") if (path := self.path / name).exists()]
        if len(found) > 1:
            raise FolderError(f"{self.path}: holds result.bin and result.npy; keep one of them")
        return found[0] if found else None

    def results(self) -> Array:
        """The results. Raises FolderError where they are not as many numbers of the format."""
        path = self.result
        if path is None:
            raise FolderError(f"{self.path}: holds neither result.bin nor result.npy")
        return self._raw(path) if path.suffix == ".bin" else self._numpy(path)

    def _raw(self, path: Path) -> Array:
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise FolderError(f"{path}: cannot be read: {error.strerror}") from error
        expected = self.count * self.dtype.itemsize
        if len(raw) != expected:
            told = f"{self.count:,} numbers in {self.format}"
            raise FolderError(f"{path}: has {len(raw):,} bytes, expected {expected:,}: {told}")
        found = np.frombuffer(raw, self.dtype)
        return found if sys.byteorder == "little" else found.byteswap()

    def _numpy(self, path: Path) -> Array:
        try:
            found = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise FolderError(f"{path}: is no array of numbers as numpy.save writes it") from error
        if not isinstance(found, np.ndarray):
            raise FolderError(f"{path}: holds several arrays, expected one")
        # numpy writes bfloat16 as two bytes without a meaning; 16-bit integers are its patterns.
        patterns = self.format == "bfloat16" and found.dtype.kind in "Vui" and found.dtype.itemsize == 2
        found = found.view(self.dtype) if patterns else found
        if found.dtype != self.dtype or found.size != self.count:
            told = f"{found.size:,} numbers in {found.dtype}, expected {self.count:,} in {self.format}"
            raise FolderError(f"{path}: holds {told}")
        return np.ascontiguousarray(found).reshape(-1)


@dataclass(frozen=True)
class Folder:
    """A folder that ``actcheck questions`` wrote."""

    path: Path

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """What ``questions.json`` says. Raises FolderError."""
        path = self.path / QUESTIONS
        found = _json(path, "give a folder that actcheck questions wrote")
        fault = best_match(Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).iter_errors(found))
        if fault is not None:
            where = shortened(printable(".".join(map(str, fault.absolute_path))), 100)
            told = shortened(printable(fault.message), 200)
            raise FolderError(f"{path}: {where + ': ' if where else ''}{told}")
        return found

    @cached_property
    def backend(self) -> Mapping[str, str]:
        """What ``backend.json`` says of whoever computed the results. Raises FolderError."""
        path = self.path / BACKEND
        found = _json(path, "it says who computed the results")
        for name, value in found.items():
            if name not in _TOLD or not isinstance(value, str) or not value.isprintable():
                raise FolderError(f"{path}: {name!r}: holds texts, in one line, under {', '.join(_TOLD)}")
        return found

    def questions(self) -> Iterator[Asked]:
        """What was asked. Raises FolderError."""
        for entry in self.document["questions"]:
            fields = {name: value for name, value in entry.items() if name != "folder"}
            yield Asked(self.path / entry["folder"], **fields)

    def checked(self) -> None:
        """Read every file of results. Raises FolderError with all that is wrong."""
        wrong = list(self._wrong())
        if wrong:
            raise FolderError("\n".join(wrong))

    def _wrong(self) -> Iterator[str]:
        for asked in self.questions():
            try:
                if asked.result is not None:
                    asked.results()
            except FolderError as error:
                yield str(error)

    def digest(self) -> str:
        """Digest of all results: others are other answers."""
        files = [path for asked in self.questions() if (path := asked.result) is not None]
        contents = (hashlib.sha256(path.read_bytes()).digest() for path in files)
        return hashlib.sha256(b"".join(contents)).hexdigest()[:16]


def _json(path: Path, advice: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise FolderError(f"{path}: cannot be read: {error.strerror}; {advice}") from error
    except (ValueError, RecursionError) as error:
        raise FolderError(f"{path}: is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise FolderError(f"{path}: holds no JSON object")
    return found
