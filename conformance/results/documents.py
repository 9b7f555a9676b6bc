"""The results document as it is written; ``schema.json`` describes it."""

from __future__ import annotations

import contextlib
import json
import os
import platform
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from jsonschema import Draft202012Validator

from actcheck import __version__
from actcheck.conformance.backends.probe import Backend
from actcheck.conformance.json_values import clean
from actcheck.conformance.results.json_form import plain
from actcheck.conformance.results.model import BackendRecord, Results
from actcheck.conformance.writing import write_whole
from actcheck.reference.judging.verdict import EDGES

SCHEMA_ID = "actcheck-results/2"
SCHEMA = resources.files(__package__) / "schema.json"
_JUDGES = ("numpy", "mpmath", "python-flint", "numba", "ml_dtypes")


@lru_cache(maxsize=1)
def validator() -> Draft202012Validator:
    """The validator of results documents."""
    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def document(results: Results) -> dict[str, Any]:
    """The whole document as JSON values."""
    fields = {name: value for name, value in plain(results).items() if value is not None}
    checks, faults = fields.pop("checks"), fields.pop("faults")
    del fields["source"]
    edges = {"histogram_edges": list(EDGES), "summary": results.summary}
    return {"schema": SCHEMA_ID, **fields, **edges, "faults": faults, "checks": checks}


def environment() -> dict[str, Any]:
    """What judged, and on what; nothing that names a person or a machine."""
    vectors = np.show_config(mode="dicts").get("SIMD Extensions", {})
    return {
        "actcheck": __version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu(),
        "instructions": " ".join(vectors.get("baseline", []) + vectors.get("found", [])),
        "threads": os.environ.get("OMP_NUM_THREADS", "one for each core"),
        "cores": os.cpu_count() or 1,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        **{name: version(name) for name in _JUDGES},
    }


def _cpu() -> str:
    """The processor as the system names it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return clean(line.partition(":")[2].strip())
    return clean(platform.processor() or platform.machine())


def write(path: Path, results: Results) -> None:
    """Write the document, whole or not at all. Raises OSError, naming the path."""
    made = document(results)
    write_whole(path, json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def backend_record(backend: Backend) -> BackendRecord:
    """What the results say of a backend."""
    more = {
        "formats": list(backend.formats),
        "unavailable": backend.unavailable,
        "lacks": dict(backend.lacks),
        "compositions": dict(backend.compositions),
        "mode": backend.mode,
        "dear_shapes": backend.dear_shapes,
    }
    details = {**backend.details, **{name: value for name, value in more.items() if value}}
    return BackendRecord(backend.name, backend.framework, backend.version, backend.device, details)
