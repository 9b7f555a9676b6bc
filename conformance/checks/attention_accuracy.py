"""Accuracy of multihead attention, forward: output and weights against the exact ones, along every path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from actcheck.adapters.base import AttentionResult, Unsupported
from actcheck.conformance import grading
from actcheck.conformance.checks.attention_calls import Array, Case, batched, cases
from actcheck.conformance.model import Answer, Examination, Fault, Finding, NotApplicable, Question
from actcheck.conformance.numerals import both, ulp
from actcheck.reference.attention import Attention, evaluate
from actcheck.reference.formats import FORMATS
from actcheck.reference.sums import Judged, joined, judge


def attention_accuracy(question: Question, examination: Examination) -> Answer:
    """Judge output and weights by the bound of "Sums"; the error in ULP is told beside."""
    form, adapter = FORMATS[question.format], examination.adapter
    paths = adapter.attention_paths()
    parts: list[Judged] = []
    faults: list[Fault] = []
    ran, reasons = set[str](), set[str]()
    for case in cases(question.variant, form, examination.seed):
        exact = evaluate(case.module, form)
        for path in paths:
            given = adapter.attention(replace(case.call, path=path))
            if isinstance(given, Unsupported):
                reasons.add(given.reason)
                continue
            ran.add(path)
            where = f"path {path}, {case.words}"
            for name, judged in _judged(case, exact, given, question, where, faults):
                parts.append(judged)
                faults += _faults(f"{name}, {where}", judged)
    if not ran:
        return NotApplicable("; ".join(sorted(reasons)) or f"{adapter.name} has no multihead_attention")
    verdict = joined(parts)
    limit = max((part.limit for part in parts), default=1.0)
    units = max((part.max_units for part in parts), default=0.0)
    return Finding(
        tuple(sorted(faults, key=lambda f: -(f.size or 0))),
        grading.grade(verdict, 2 * limit),
        verdict,
        verdict.points,
        exhaustive=False,
        notes={"paths": sorted(ran), "units": units, "bound": limit},
    )


def _judged(
    case: Case, exact: Attention, given: AttentionResult, question: Question, where: str, faults: list[Fault]
) -> Iterator[tuple[str, Judged]]:
    """Output and weights, judged; results of a wrong form are faults instead."""
    form = FORMATS[question.format]
    call = case.call
    for name, array, sums, like in (
        ("output", given.output, exact.output, call.query),
        ("weights", given.weights, exact.weights, None),
    ):
        if array is None:
            continue
        if array.dtype != form.dtype:
            faults.append(Fault("wrong_format", f"{name}, {where}: {array.dtype}, expected {form.dtype}"))
            continue
        shown = _ordered(call.batch_first, array, like)
        if shown.shape != sums.size.shape:
            message = f"{name}, {where}: shape {array.shape}, expected that of {sums.size.shape}"
            faults.append(Fault("wrong_shape", message))
            continue
        yield name, judge(sums, form, shown)


def _ordered(batch_first: bool, array: Array, like: Array | None) -> Array:
    """The output with the batch first; weights have it so."""
    if like is None or array.ndim != 3 or batch_first:
        return array
    return array.swapaxes(0, 1)


def _faults(where: str, judged: Judged) -> Iterator[Fault]:
    for name in ("wrong_nan", "wrong_infinity"):
        hit = getattr(judged, name)
        if hit.any():
            at = tuple(int(i) for i in np.argwhere(hit)[0])
            got, exact = (both(float(a[at])) for a in (judged.y, judged.sums.exact.main))
            yield Fault(
                name,
                f"{where}: at {at} got {got}, expected {exact}; {int(hit.sum())} in all",
                float(hit.sum()),
            )
    if judged.max_units > judged.limit and judged.worst is not None:
        at = judged.worst
        got, exact = (both(float(a[at])) for a in (judged.y, judged.sums.exact.main))
        told = f"error {ulp(judged.max_units)} units of u*S (bound {ulp(judged.limit)})"
        yield Fault("max_units", f"{where}: at {at} got {got}, expected {exact}, {told}", judged.max_units)


__all__ = ["attention_accuracy", "batched"]
