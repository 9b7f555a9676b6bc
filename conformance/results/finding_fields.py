"""What a finding measured, as the fields of the results; floats that matter as hexadecimal text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from actcheck.conformance.model import Finding
from actcheck.conformance.numerals import spans
from actcheck.conformance.values import clean
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.verdict import Interval, Occurrences, Verdict


def measured(format_name: str, finding: Finding) -> dict[str, Any]:
    """The fields of the results for a finding about this format; what it lacks is absent."""
    fields: dict[str, Any] = {"grade": finding.grade}
    if finding.verdict is not None:
        fields |= _verdict(FORMATS[format_name], finding.verdict)
    for name in ("points", "exhaustive"):
        given = getattr(finding, name)
        fields |= {name: given} if given is not None else {}
    fields |= finding.extra
    fields["notes"] = jsonable(finding.notes) or None
    return {name: value for name, value in fields.items() if value is not None}


def _verdict(form: Format, verdict: Verdict) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "points": verdict.points,
        "max_ulp": _interval(verdict.max_ulp),
        "max_scaled_ulp": _interval(verdict.max_scaled_ulp),
        "not_correctly_rounded": verdict.not_correctly_rounded,
        "not_faithful": verdict.not_faithful,
        "classes": {name: _class(form, seen) for name, seen in verdict.classes.items()},
        "histogram": list(verdict.histogram),
    }
    worst = verdict.worst
    if worst is not None:
        fields["worst"] = {n: getattr(worst, n).hex() for n in ("x", "got", "expected")}
    return fields


def _class(form: Format, seen: Occurrences) -> dict[str, Any]:
    ranges = [[low.hex(), high.hex()] for low, high in spans(form, seen.ranges)]
    return {"count": seen.count, "first": form.value(seen.first).hex(), "ranges": ranges}


def _interval(interval: Interval) -> list[float | str]:
    # JSON has no infinity.
    return [end if math.isfinite(end) else end.hex() for end in map(float, interval)]


def jsonable(value: Any) -> Any:
    """A note as JSON holds it: numpy's numbers as Python's, NaN and infinities as text, the rest as words."""
    match value:
        case None | bool() | int() | str():
            return clean(value) if isinstance(value, str) else value
        case float():
            return value if math.isfinite(value) else value.hex()
        case Mapping():
            return {clean(str(name)): jsonable(item) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [jsonable(item) for item in value]
        case np.ndarray():
            return jsonable(value.astype(np.float64).tolist() if value.dtype.kind == "V" else value.tolist())
        case np.generic():
            return jsonable(value.item())
    return clean(repr(value))
