"""From results judged as sums to a finding: errors in units of u*S against the budget and the bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.judging import grading
from actcheck.conformance.model import CallExample, Fault, Finding, Grade, Question
from actcheck.conformance.numerals import both, count, ulp
from actcheck.reference.judging.sums.bounds import carrier
from actcheck.reference.judging.sums.judged import Judged, joined
from actcheck.reference.judging.verdict import Verdict


@dataclass(frozen=True)
class JudgedPart:
    """Results of one call that were judged."""

    #: What they are: output, weights, the name of a gradient.
    name: str
    #: Where they come from, in words.
    where: str
    judged: Judged
    #: Follows the kind of a fault, as in ``max_units:is_causal``; empty where it need not be told apart.
    tag: str = ""


def allowed(question: Question, judged: Judged) -> float:
    """The units of u*S that a result may be off: the specification's budget, or the bound if that is less.

    In 16 bits it is the bound, which is far less than what roundings to the format make.
    """
    return judged.limit if _is_narrow(judged) else min(budget(question), judged.limit)


def budget(question: Question) -> float:
    """The specification's units of u*S; the largest, for a question about several quantities."""
    own = question.spec.accuracy.get(question.quantity)
    return own.ulp if own else max(b.ulp for b in question.spec.accuracy.values())


def finding_of_sums(
    question: Question,
    parts: Sequence[JudgedPart],
    faults: Iterable[Fault] = (),
    notes: Mapping[str, Any] | None = None,
    message: str = "",
) -> Finding:
    """Grade the parts together, and list their faults, one of each kind: the gravest, and how many more."""
    verdict = joined(part.judged for part in parts)
    found = [fault for part in parts for fault in part_faults(question, part)]
    units = max((part.judged.max_units for part in parts), default=0.0)
    beyond = any(fault.what.startswith("max_units") for fault in found)
    grade = _grade(question, verdict, beyond)
    share = max((float(part.judged.share.max(initial=0.0)) for part in parts), default=0.0)
    return Finding(
        tuple(gathered([*faults, *found])),
        grade if parts else None,
        verdict if parts else None,
        verdict.points,
        False,
        {"units": units, "share": share, "budget": budget(question), **(notes or {})},
        message,
    )


def _grade(question: Question, verdict: Verdict, beyond: bool) -> Grade:
    """In ULP where that is good enough, else `scaled`: the bound itself is what scaled errors are held to."""
    if beyond:
        return "loose"
    grade = grading.grade(verdict, grading.Tolerance(budget(question), budget(question)))
    return "scaled" if grade == "loose" else grade


def part_faults(question: Question, part: JudgedPart) -> Iterator[Fault]:
    """What is wrong with results: NaN, infinity, or an error beyond what is allowed."""
    judged, tag = part.judged, f":{part.tag}" if part.tag else ""
    hits: Mapping[str, NDArray[np.bool_]] = {
        "wrong_nan": judged.wrong_nan,
        "wrong_infinity": judged.wrong_infinity,
    }
    for name, hit in hits.items():
        if hit.any():
            at = tuple(int(i) for i in np.argwhere(hit)[0])
            told = f"{_place_text(part, at)}; {count(int(hit.sum()), 'result')} of {hit.size}"
            yield Fault(f"{name}{tag}", told, float(hit.sum()), call=_shown(part, at))
    most = allowed(question, judged)
    if judged.worst is not None and judged.max_units > most:
        error = f"error {ulp(judged.max_units)} units of u*S{_beyond(judged)} (allowed {ulp(most)})"
        many = int((judged.units > most).sum())
        told = f"{_place_text(part, judged.worst)}, {error}; {count(many, 'result')} of {judged.units.size}"
        yield Fault(f"max_units{tag}", told, judged.max_units, call=_shown(part, judged.worst))


def _beyond(judged: Judged) -> str:
    return f" beyond roundings to {judged.form.name}" if _is_narrow(judged) else ""


def _is_narrow(judged: Judged) -> bool:
    return carrier(judged.form) is not judged.form


def _shown(part: JudgedPart, at: tuple[int, ...]) -> CallExample:
    return CallExample(part.where, part.name, at, *_values(part, at))


def _values(part: JudgedPart, at: tuple[int, ...]) -> tuple[float, float]:
    """What was got there and what expected."""
    return float(part.judged.y[at]), float(part.judged.sums.exact.main[at])


def _place_text(part: JudgedPart, at: tuple[int, ...]) -> str:
    got, exact = map(both, _values(part, at))
    return f"{part.name}{list(at)}, {part.where}: got {got}, expected {exact}"


def gathered(faults: Iterable[Fault]) -> Iterator[Fault]:
    """One fault of each kind, the largest, which tells how many more there are; the largest kind first."""
    kinds: dict[str, list[Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault.what, []).append(fault)
    worst = [(max(same, key=lambda f: f.size or 0.0), len(same) - 1) for same in kinds.values()]
    for fault, more in sorted(worst, key=lambda pair: -(pair[0].size or 0.0)):
        also = f"; so in {count(more, 'more result array')}" if more else ""
        yield replace(fault, message=fault.message + also)
