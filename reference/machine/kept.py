"""What is kept on disk between runs: where it lies, and documents that are whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import platformdirs


def folder(name: str = "") -> Path:
    """A folder of the user's cache folder, or of ``ACTCHECK_CACHE`` where that is set."""
    chosen = os.environ.get("ACTCHECK_CACHE")
    return (Path(chosen) if chosen else platformdirs.user_cache_path("actcheck")) / name


def key_of(facts: Any) -> str:
    """A name for these facts, which JSON can hold: with other facts it is another."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:32]


def keep(path: Path, key: str, made: Any) -> None:
    """Write JSON values under a key, whole or not at all."""
    body = json.dumps(made)
    text = json.dumps({"key": key, "sum": _sum(body), "body": body})
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    Path(file.name).replace(path)


def kept(path: Path, key: str) -> Any:
    """The values that `keep` wrote under a key. Raises OSError, ValueError, KeyError or TypeError where the
    file is damaged, missing or of another key."""
    document = json.loads(path.read_text(encoding="utf-8"))
    body = document["body"]
    if document["key"] != key or document["sum"] != _sum(body):
        raise ValueError(f"{path}: written by other code, or damaged")
    return json.loads(body)


def _sum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
