"""The record of a sweep in words."""

from __future__ import annotations

from collections.abc import Iterator

from actcheck.conformance import numerals
from actcheck.conformance.results.model import CheckRecord


def grade_text(record: CheckRecord) -> str:
    """The grade, which is one of finite results: said where others were seen."""
    apart = {"wrong_nan", "wrong_infinity"} & set(record.wrong)
    return f", {record.grade}" + (" where results are finite" if apart else "") if record.grade else ""


def lines(record: CheckRecord) -> Iterator[str]:
    """What was found, in words."""
    if record.max_ulp is None or record.max_scaled_ulp is None:
        return
    yield _inputs(record)
    known = "proven: every input was judged" if record.exhaustive else "seen: inputs were sampled"
    at = f" at x = {numerals.both(record.worst.x)}" if record.worst else ""
    yield f"largest error: {numerals.enclosure(*record.max_ulp)} ULP{at} ({known})"
    if record.worst:
        got, expected = map(numerals.both, (record.worst.got, record.worst.expected))
        yield f"  got {got}, expected {expected}"
    yield f"largest scaled error: {numerals.enclosure(*record.max_scaled_ulp)} ULP"
    yield f"not correctly rounded: {record.not_correctly_rounded:,}; not faithful: {record.not_faithful:,}"
    for name, seen in record.wrong.items():
        yield f"{name}: {seen.count:,}"
    for name, number in (record.allowed or {}).items():
        yield f"{name.replace('_', ' ')}: {number:,}, right in the number model alone"
    for name, told in record.notes.items():
        if isinstance(told, dict) and "broken" in told:
            first = f", first at x = {numerals.both(float.fromhex(told['first']))}" if "first" in told else ""
            yield f"{name}: broken {told['broken']:,} times{first}"


def _inputs(record: CheckRecord) -> str:
    notes = record.notes
    apart = [f"{notes[k]:,} {k.replace('_', ' ')}" for k in ("nan_inputs", "infinite_inputs") if k in notes]
    line = f"{record.points:,} inputs" + (f", of which {' and '.join(apart)}" if apart else "")
    if record.seconds is None or record.points_per_second is None:
        return line
    return f"{line}; {record.seconds:.1f} s, {record.points_per_second / 1e6:,.0f} million a second"
