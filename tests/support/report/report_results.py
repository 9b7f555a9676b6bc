"""Results documents made by hand, for the tests of everything that reads results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from actcheck import spec
from actcheck.conformance.faults.distinct import distinct
from actcheck.conformance.results.json_form import checked, plain
from actcheck.conformance.results.model import Results
from actcheck.reference.judging.verdict import EDGES
from actcheck.reference.specification.loading import load_all

ACTIVATIONS = sorted(p.stem for p in Path(spec.__path__[0], "activations").glob("*.yaml"))
FORMATS = ("float16", "bfloat16", "float32", "float64")


def entry(activation: str = "gelu", **fields: Any) -> dict[str, Any]:
    """One passing accuracy check; any field may be given, and None removes it."""
    made: dict[str, Any] = {
        "activation": activation,
        "variant": {},
        "format": "float32",
        "quantity": "forward",
        "check": "accuracy",
        "outcome": "pass",
    } | fields
    label = ",".join(f"{k}={v}" for k, v in made["variant"].items()) or "default"
    made["id"] = "-".join((made["check"], activation, label, made["format"], made["quantity"]))
    made["rerun"] = f"actcheck run --backend numpy --activation {activation} --dtype {made['format']}"
    if made["check"] == "accuracy" and made["outcome"] not in ("error", "unsupported"):
        made = MEASURED | made
    return {name: value for name, value in (made | fields).items() if value is not None}


MEASURED: dict[str, Any] = {
    "grade": "faithful",
    "points": 65536,
    "exhaustive": True,
    "max_ulp": [0.75, 0.751],
    "max_scaled_ulp": [0.75, 0.751],
    "not_correctly_rounded": 120,
    "not_faithful": 0,
    "classes": {},
    "worst": {"x": (0.3).hex(), "got": (0.18).hex(), "expected": (0.1853).hex()},
}


def document(*checks: dict[str, Any], backend: str = "numpy", **fields: Any) -> dict[str, Any]:
    """A results document with these checks."""
    return {
        "schema": "actcheck-results/2",
        "complete": True,
        "backend": {
            "name": backend,
            "framework": backend,
            "version": "2.3.0",
            "device": "cpu",
            "threads": "2",
        },
        "environment": {"python": "3.11.7", "date": "2026-11-24T03:00:00Z"},
        "level": "quick",
        "profile": "standard",
        "seed": 0,
        "spec_digest": "0" * 64,
        "summary": {},
        "faults": [],
        "checks": list(checks),
    } | fields


def results(*checks: dict[str, Any], **fields: Any) -> Results:
    """The same document as a record."""
    faults: list[str] = []
    made = checked(Results, document(*checks, **fields), faults)
    assert made is not None, faults
    return made


def write(folder: Path, made: dict[str, Any], name: str = "results.json") -> Path:
    """The document as a file."""
    path = folder / name
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


def large(backend: str = "numpy", shift: int = 0) -> dict[str, Any]:
    """A document about all 26 activations with every outcome, grade and optional field in it."""
    checks = []
    for row, activation in enumerate(ACTIVATIONS):
        for column, name in enumerate(FORMATS):
            turn = row * 7 + column * 3 + shift
            checks += [_measured(activation, name, q, turn + i) for i, q in enumerate(_QUANTITIES)]
            checks += [_plain(activation, name, check, turn + i) for i, check in enumerate(_PLAIN)]
        checks.append(_defaults(activation, row, shift))
    made = document(*checks, backend=backend)
    return made | {"faults": plain(distinct(results(*checks).checks, load_all()))}


_QUANTITIES = ("forward", "gradient")
_PLAIN = ("special_values", "kinks", "consistency", "shapes", "in_place")
_OUTCOMES = ("pass",) * 17 + (
    "known_deviation",
    "pass",
    "fail",
    "pass",
    "error",
    "stale_deviation",
    "unsupported",
)
_GRADES = ("exact", "faithful", "tight", "budget", "scaled", "loose")


def _measured(activation: str, name: str, quantity: str, turn: int) -> dict[str, Any]:
    grade = _GRADES[turn % 6]
    ulp = (0.5, 0.81, 2.25, 14.5, 3.0e5, 4.1e9)[turn % 6]
    outcome = ("fail" if turn % 4 else "known_deviation") if grade == "loose" else "pass"
    step = 2.0**-10 if name == "float16" else 2.0**-120
    cuts = [-(4.0**k) for k in range(7, -60, -1) if 4.0**k > step] + [0.0]
    cuts += [-c for c in reversed(cuts[:-1])]
    spread = [max(0.25, ulp * abs(((i * 37 + turn) % 23) - 11) / 11) for i in range(len(cuts) - 1)]
    pairs = zip(cuts, cuts[1:], spread, strict=False)
    fields: dict[str, Any] = {
        "format": name,
        "quantity": quantity,
        "grade": grade,
        "outcome": outcome,
        "max_ulp": [ulp, ulp * 1.0001],
        "histogram": [60000, *(max(0, 3000 - 400 * i) for i in range(14))]
        if turn % 6
        else [65536] + [0] * 14,
        "segments": [[low.hex(), high.hex(), error] for low, high, error in pairs] if turn % 3 else None,
    }
    if outcome != "pass":
        fields["message"] = f"{activation}(0x1.8p+6) is nan, should be 0x1.8p+6: wrong NaN"
        fields["classes"] = {
            "wrong_nan": {"count": 1073741824, "first": (96.0).hex(), "ranges": [[(96.0).hex(), "inf"]]},
            "lost_to_zero": {"count": 12, "first": (-14.0).hex(), "ranges": [[(-14.0).hex(), (-13.5).hex()]]},
        }
        fields["faults"] = [_fault(96.0, None)]
    return entry(activation, **fields)


def _fault(x: float, known: str | None) -> dict[str, Any]:
    example = {"x": x.hex(), "got": "nan", "expected": x.hex()}
    made = {
        "what": "wrong_nan",
        "message": f"wrong_nan: x = {x}: got nan",
        "example": example,
        "known": known,
    }
    made |= {"size": (1.0).hex(), "ranges": [[x.hex(), "inf"]]}
    return {name: value for name, value in made.items() if value is not None}


def _histogram(turn: int) -> list[int]:
    tail = [max(0, 3000 - 400 * i) if turn % 6 else 0 for i in range(len(EDGES))]
    return [65536 - sum(tail), *tail]


def _plain(activation: str, name: str, check: str, turn: int) -> dict[str, Any]:
    outcome = _OUTCOMES[turn % len(_OUTCOMES)]
    message = None if outcome == "pass" else f"{check} of {activation}: seen as {outcome}"
    notes = {"convention": {"0.0": (turn % 3) / 2}} if check == "kinks" else None
    faults = [_fault(-7.0, "listed & <known>")] if outcome == "known_deviation" else None
    fields = {"format": name, "check": check, "outcome": outcome, "message": message, "notes": notes}
    fields["faults"] = faults
    return entry(activation, **fields)


def _defaults(activation: str, row: int, shift: int) -> dict[str, Any]:
    differs = (row + shift) % 9 == 0
    notes = {"defaults": {"alpha": 0.2 if differs else 1.0}}
    return entry(activation, check="defaults", message="differs: alpha" if differs else None, notes=notes)
