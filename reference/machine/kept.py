"""What is kept on disk between runs: where it lies, and documents that are whole or not there."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import platformdirs

T = TypeVar("T")


def folder(name: str = "") -> Path:
    """A folder of the user's cache folder, or of ``ACTCHECK_CACHE`` where that is set."""
    chosen = os.environ.get("ACTCHECK_CACHE")
    return (Path(chosen) if chosen else platformdirs.user_cache_path("actcheck")) / name


class CacheError(OSError):
    """A place where nothing can be kept: where it is, why, and what to do."""

    def __str__(self) -> str:
        advice = "set ACTCHECK_CACHE to a folder that can be written"
        return f"{self.filename}: nothing can be kept there: {self.strerror}; {advice}"


def made(path: Path) -> Path:
    """A folder of the cache, made if it is missing. Raises CacheError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CacheError(error.errno, error.strerror, str(path)) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise CacheError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return path


def key_of(facts: Any) -> str:
    """A name for these facts, which JSON can hold: with other facts it is another."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:32]


def keep(path: Path, key: str, record: Any) -> None:
    """Write a record under a key, whole or not at all."""
    body = msgspec.msgpack.encode(record)
    head = json.dumps({"key": key, "sum": _sum(body)}).encode()
    made(path.parent)
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
        file.write(head + b"\n" + body)
    Path(file.name).replace(path)


def kept(path: Path, key: str, kind: type[T]) -> T:
    """The record that `keep` wrote under a key.

    Raises OSError, or ValueError where the file is damaged or of another key.
    """
    head, _, body = path.read_bytes().partition(b"\n")
    try:
        if json.loads(head) == {"key": key, "sum": _sum(body)}:
            return msgspec.msgpack.decode(body, type=kind)
    except (RecursionError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: damaged") from error
    raise ValueError(f"{path}: written by other code, or damaged")


def _sum(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
