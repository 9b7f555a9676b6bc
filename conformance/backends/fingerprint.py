"""What an answer depends on, beside the question: the backend, and this package's own code."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import resources
from pathlib import Path

from actcheck.adapters.base import Adapter
from actcheck.conformance.backends.guard.guarded import unguarded
from actcheck.conformance.backends.probe import Backend
from actcheck.conformance.deviations.files import home_of

_PARTS = ("reference", "adapters", "conformance")


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Digest of this package's own code: an answer of other code is not taken up."""
    parts = [Path(str(resources.files(f"actcheck.{part}"))) for part in _PARTS]
    files = sorted(path for part in parts for path in part.rglob("*.py"))
    return hashlib.sha256(b"".join(hashlib.sha256(p.read_bytes()).digest() for p in files)).hexdigest()


def identity(backend: Adapter | Backend) -> list[str]:
    """What tells a backend from another: name, framework, version, device and its adapter's file."""
    if isinstance(backend, Backend):
        return [backend.name, backend.framework, backend.version, backend.device, backend.digest]
    told, home = backend.describe(), home_of(unguarded(backend))
    digest = hashlib.sha256(home.read_bytes()).hexdigest() if home.is_file() else ""
    return [backend.name, told.framework, told.version, told.device, digest]
