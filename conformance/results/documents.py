"""The results document: see design, Results, and ``schema.json``."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from actcheck import __version__
from actcheck.conformance.backends.probe import Backend
from actcheck.conformance.model import OUTCOMES
from actcheck.conformance.results.records import Record
from actcheck.conformance.writing import write_whole
from actcheck.reference.judging.verdict import EDGES

SCHEMA_ID = "actcheck-results/1"
SCHEMA = resources.files(__package__) / "schema.json"
_JUDGES = ("numpy", "mpmath", "python-flint", "numba", "ml_dtypes")


@lru_cache(maxsize=1)
def validator() -> Draft202012Validator:
    """The validator of results documents."""
    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def document(
    backend: Backend,
    records: Sequence[Record],
    *,
    complete: bool,
    level: str,
    profile: str,
    seed: int,
    spec_digest: str,
) -> dict[str, Any]:
    """The whole document, ready to be written."""
    return {
        "schema": SCHEMA_ID,
        "complete": complete,
        "backend": _backend(backend),
        "environment": environment(),
        "level": level,
        "profile": profile,
        "seed": seed,
        "spec_digest": spec_digest,
        "histogram_edges": list(EDGES),
        "summary": summary(records),
        "checks": list(records),
    }


def summary(records: Iterable[Record]) -> dict[str, int]:
    """How many checks had each outcome."""
    counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
    for record in records:
        counts[record["outcome"]] += 1
    return counts


def environment() -> dict[str, Any]:
    """What judged, and on what; nothing that names a person or a machine."""
    return {
        "actcheck": __version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 1,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        **{name: version(name) for name in _JUDGES},
    }


def write(path: Path, made: dict[str, Any]) -> None:
    """Write a document, whole or not at all. Raises OSError, naming the path."""
    write_whole(path, json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def _backend(backend: Backend) -> dict[str, Any]:
    named = {name: getattr(backend, name) for name in ("name", "framework", "version", "device")}
    more = {
        "formats": list(backend.formats),
        "unavailable": backend.unavailable,
        "lacks": dict(backend.lacks),
        "mode": backend.mode,
    }
    # The framework's own details come first: they cannot replace what the document itself says.
    return {**backend.details, **named, **{name: value for name, value in more.items() if value}}
