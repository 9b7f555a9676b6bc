"""From what a sweep found to a finding: grade, faults, and what the page shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter
from actcheck.conformance.backends.guard.guarded import guard
from actcheck.conformance.judging import grading
from actcheck.conformance.judging.findings import class_faults, error_faults, graded
from actcheck.conformance.judging.grading import Tolerance
from actcheck.conformance.model import PROFILES, Fault, Finding, Profile, Question
from actcheck.conformance.numerals import both, count, ranges, spans, ulp
from actcheck.conformance.sweep.gated_pairs import GROUP
from actcheck.conformance.sweep.host_blocks import results
from actcheck.conformance.sweep.job import BLOCK
from actcheck.conformance.sweep.partial_result import PartialResult
from actcheck.reference.certificates import store
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.verdict import CLASSES, Verdict, joined_ranges
from actcheck.reference.specification.binding import bind
from actcheck.reference.sweeping.host import block
from actcheck.reference.sweeping.kernels.fused import CHUNK

Array = NDArray[Any]
_FORM = FORMATS["float32"]
#: Runs of inputs that the results hold for the picture: segments are joined to as many.
_RUNS = 240
#: Kinds of faults that say by how much results are off.
_ERRORS = ("max_ulp", "max_scaled_ulp")


def finding(
    question: Question, profile: Profile, part: PartialResult, adapter: Adapter, seconds: float
) -> Finding:
    """Grade a sweep and list its faults; the backend is asked once more where they lie."""
    verdict = part.verdict
    if question.spec.kind == "gated":
        return _paired(question, profile, part, seconds)
    allowed = grading.tolerance(question.spec, question.quantity, "float32")
    points = _witnesses(question, adapter, allowed, map(_chunk, _telling_keys(part, allowed)))
    grade = graded(verdict, allowed, [points])
    if grade != grading.grade(verdict, allowed):
        # None of these is beyond both budgets; all that are beyond the one in ULP are asked for again.
        points = _witnesses(question, adapter, allowed, _wrong_runs(question, part, allowed))
        grade = graded(verdict, allowed, [points]) if _is_seen_again(verdict, points) else "loose"
    faults = [*class_faults(verdict, points, whole=False), *_changes(part)]
    faults += error_faults(profile, points, allowed, _right(question, part, allowed))
    if not grading.passes(grade, profile) and not any(f.what in _ERRORS for f in faults):
        faults.append(_gone(verdict, allowed.ulp))
    extra = {"segments": _segments(question, part), **_times(part, seconds)}
    return Finding(
        tuple(faults),
        grade,
        verdict,
        verdict.points,
        exhaustive=True,
        notes=_notes(part),
        extra=extra,
    )


def _right(question: Question, part: PartialResult, allowed: Tolerance) -> list[int]:
    """The binades, by the high bits of their keys, all of whose segments are within the budget in ULP."""
    right, wrong = set[int](), set[int]()
    shift = _FORM.precision - 1
    certificate = store.certificate(bind(question.spec, question.variant), question.quantity)
    for k, segment in enumerate(certificate.segments):
        error, _ = part.segments.get(k, (0.0, 0))
        binades = range(segment.low >> shift, (segment.high >> shift) + 1)
        (wrong if error > allowed.ulp else right).update(binades)
    return sorted(right - wrong)


def _gone(verdict: Verdict, allowed: float) -> Fault:
    """The largest error of a sweep, where it was not seen again."""
    error, worst = verdict.max_ulp[1], verdict.worst
    place = both(worst.x) if worst else "an unknown input"
    told = f"x = {place}: error {ulp(error)} ULP (budget {ulp(allowed)}), but not when asked again"
    return Fault("max_ulp", told, error, ((worst.x, worst.x),) if worst else ())


def _changes(part: PartialResult) -> Iterator[Fault]:
    """What the backend did to its arguments and to the processor's mode."""
    for what, told in part.changes.items():
        yield Fault(what, told)


def _times(part: PartialResult, seconds: float) -> dict[str, Any]:
    return {
        "seconds": round(seconds, 3),
        "backend_seconds": round(part.backend_seconds, 3),
        "points_per_second": round(part.verdict.points / seconds) if seconds else 0,
    }


def _paired(question: Question, profile: Profile, part: PartialResult, seconds: float) -> Finding:
    """The finding about products: each fault is told with its pair."""
    verdict, form = part.verdict, FORMATS[question.format]
    allowed = grading.tolerance(question.spec, question.quantity, question.format)
    graded = grading.grade(verdict, allowed)
    faults = [*_changes(part)]
    for name in CLASSES:
        if name in verdict.classes:
            seen = verdict.classes[name]
            told = _pair(part, name) or f"b = {both(form.value(seen.first))}"
            message = f"{name}: {told}; {count(seen.count, 'pair')} in all"
            faults.append(Fault(name, message, float(seen.count), spans(form, seen.ranges)))
    if not grading.passes(graded, profile):
        error = verdict.max_ulp[1]
        groups = [group for group, (most, _) in part.segments.items() if most > allowed.ulp]
        runs = joined_ranges((GROUP * group, GROUP * group + GROUP - 1) for group in groups)
        where = spans(form, runs)
        told = f"error {ulp(error)} ULP (budget {ulp(allowed.ulp)}); b in {ranges(where)}"
        message = f"{_pair(part, 'worst')}: {told}"
        faults.append(Fault("max_ulp", message, error, where))
    notes = {"nan_inputs": verdict.nan_inputs, "worst_pair": _pair(part, "worst")}
    return Finding(
        tuple(faults),
        graded,
        verdict,
        verdict.points,
        exhaustive=True,
        notes={name: value for name, value in notes.items() if value},
        extra=_times(part, seconds),
    )


def _pair(part: PartialResult, name: str) -> str:
    if name not in part.pairs:
        return ""
    a, b, y = (both(value) for value in part.pairs[name])
    return f"a = {a}, b = {b}: got {y}"


def _telling_keys(part: PartialResult, allowed: Tolerance) -> set[int]:
    """Where something is wrong: the largest errors of segments beyond the budget, the first of each class."""
    keys = {key for error, key in part.segments.values() if error > allowed.ulp}
    keys |= {seen.first for seen in part.verdict.classes.values()}
    return keys | ({_FORM.key(part.verdict.worst.x)} if part.verdict.worst else set())


def _wrong_runs(question: Question, part: PartialResult, allowed: Tolerance) -> Iterator[tuple[int, int]]:
    """The same, and all inputs of these segments."""
    segments = store.certificate(bind(question.spec, question.variant), question.quantity).segments
    for k, (error, _) in part.segments.items():
        if error > allowed.ulp:
            yield segments[k].low, segments[k].high
    for key in _telling_keys(part, allowed):
        yield key, key


def _is_seen_again(verdict: Verdict, points: Points) -> bool:
    """Whether the largest error is among these."""
    worst = verdict.worst
    return worst is None or bool(((points.x == worst.x) & (points.y == worst.got)).any())


def _witnesses(
    question: Question, adapter: Adapter, allowed: Tolerance, runs: Iterable[tuple[int, int]]
) -> Points:
    """What tells about the results at inputs with keys of these runs, when they are asked for again."""
    bound, guarded = bind(question.spec, question.variant), guard(adapter)

    def judged(x: Array, y: Array) -> Points:
        return Points.of(bound, question.quantity, _FORM, x, y)

    empty = np.empty(0, np.float32)
    found = [(empty, empty)]
    for x, y in _asked_again(question, guarded, runs):
        kept = _telling(judged(x, y), allowed)
        found.append((x[kept], y[kept]))
    x, y = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    _, once = np.unique(_FORM.keys(x), return_index=True)
    return judged(x[once], y[once])


def _telling(points: Points, allowed: Tolerance) -> NDArray[np.int64]:
    """Indices of what tells about a chunk: its largest errors, and both ends of what is wrong."""
    kept = {int(points.high.argmax()), int(points.scaled_high.argmax())}
    beyond = (allowed.exceeded(profile, points.high, points.scaled_high) for profile in PROFILES)
    wrong = [*beyond, *points.classes.values()]
    for hit in wrong:
        kept.update(np.flatnonzero(hit)[[0, -1]].tolist() if hit.any() else ())
    return np.array(sorted(kept))


def _chunk(key: int) -> tuple[int, int]:
    """The keys of a chunk of inputs from a key on, away from zero and in one block."""
    first = max(key, -1 - key)
    last = min(first + CHUNK, (first // BLOCK + 1) * BLOCK) - 1
    return (first, last) if key >= 0 else (-1 - last, -1 - first)


def _asked_again(
    question: Question, adapter: Adapter, runs: Iterable[tuple[int, int]]
) -> Iterator[tuple[Array, Array]]:
    """Inputs with keys of these runs, of one sign each, and their results, computed in the same blocks as
    in the sweep."""
    done: dict[tuple[int, bool], tuple[Array, Array]] = {}
    for low, high in sorted(runs):
        positive = low >= 0
        least, most = (low, high) if positive else (-1 - high, -1 - low)
        for first in range(least // BLOCK * BLOCK, most + 1, BLOCK):
            if (first, positive) not in done:
                x = block(first, BLOCK, positive)
                done = {(first, positive): (x, results(adapter, question, x))}
            x, y = done[first, positive]
            span = slice(max(least - first, 0), min(most + 1 - first, BLOCK))
            yield x[span], y[span]


def _segments(question: Question, part: PartialResult) -> list[tuple[float, float, float]]:
    """Runs of inputs in increasing order, both ends included, each with its largest error."""
    certificate = store.certificate(bind(question.spec, question.variant), question.quantity)
    segments = certificate.segments
    runs = []
    for group in np.array_split(np.arange(len(segments)), min(_RUNS, len(segments))):
        first, last = int(group[0]), int(group[-1])
        error = max((part.segments[k][0] for k in group.tolist() if k in part.segments), default=0.0)
        runs.append((_FORM.value(segments[first].low), _FORM.value(segments[last].high), error))
    return runs


def _notes(part: PartialResult) -> dict[str, Any]:
    notes: dict[str, Any] = {
        "nan_inputs": part.verdict.nan_inputs,
        "infinite_inputs": part.verdict.infinite_inputs,
    }
    for name, broken in part.ordering.broken.items():
        first = None if broken.first is None else _FORM.value(broken.first).hex()
        notes[name] = {"broken": broken.count, **({"first": first} if first else {})}
    return notes
