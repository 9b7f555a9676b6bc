"""What a finding measured, as the fields of the results."""

from __future__ import annotations

from typing import Any

from actcheck.conformance.json_values import Count, Hex, clean, jsonable
from actcheck.conformance.model import CallExample, Fault, Finding
from actcheck.conformance.numerals import spans
from actcheck.conformance.results.fault_records import CallRecord, ExampleRecord, FaultRecord, RangeRecord
from actcheck.conformance.results.model import ClassRecord, SegmentRecord, WorstRecord
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.verdict import Occurrences, Verdict


def measured(format_name: str, finding: Finding) -> dict[str, Any]:
    """The fields of a `CheckRecord` that a finding about this format fills."""
    filled = {} if finding.verdict is None else _of_verdict(FORMATS[format_name], finding.verdict)
    filled |= {n: given for n in ("points", "exhaustive") if (given := getattr(finding, n)) is not None}
    filled |= finding.extra
    if "segments" in filled:
        filled["segments"] = tuple(SegmentRecord(*run) for run in filled["segments"])
    return {"grade": finding.grade, **filled, "notes": jsonable(finding.notes)}


def _of_verdict(form: Format, verdict: Verdict) -> dict[str, Any]:
    worst = verdict.worst
    return {
        "points": verdict.points,
        "max_ulp": verdict.max_ulp,
        "max_scaled_ulp": verdict.max_scaled_ulp,
        "not_correctly_rounded": verdict.not_correctly_rounded,
        "not_faithful": verdict.not_faithful,
        "classes": {name: _class(form, seen) for name, seen in verdict.classes.items()},
        "allowed": dict(verdict.allowed) or None,
        "histogram": verdict.histogram,
        "worst": worst and WorstRecord(Hex(worst.x), Hex(worst.got), Hex(worst.expected)),
    }


def fault_record(fault: Fault, known: str = "") -> FaultRecord:
    """A fault as the results hold it; ``known`` is what the known deviations say of it."""
    at, shown = fault.example, None
    if at is not None:
        shown = ExampleRecord(Hex(at.x), Hex(at.got), Hex(at.expected), Hex(at.upstream))
    return FaultRecord(
        what=fault.what,
        message=clean(fault.message),
        size=None if fault.size is None else Hex(fault.size),
        ranges=tuple(RangeRecord(Hex(low), Hex(high)) for low, high in fault.inputs),
        example=shown,
        call=None if fault.call is None else _call(fault.call),
        known=known,
    )


def _call(call: CallExample) -> CallRecord:
    index = tuple(Count(i) for i in call.index)
    return CallRecord(clean(call.words), call.result, index, Hex(call.got), Hex(call.expected))


def _class(form: Format, seen: Occurrences) -> ClassRecord:
    ranges = tuple(RangeRecord(Hex(low), Hex(high)) for low, high in spans(form, seen.ranges))
    return ClassRecord(Count(seen.count), Hex(form.value(seen.first)), ranges)
