"""`structure`: channels, halves and gates at every rank and dimension; sizes that must be refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from actcheck.conformance.backends.asker import (
    Asker,
    FaultError,
    Refusal,
    UnansweredError,
    UnsupportedError,
    tried,
)
from actcheck.conformance.checks.parts.shared.judged_sums import gathered
from actcheck.conformance.checks.parts.structure.cases import (
    BAD,
    CASES,
    Array,
    RefusedCase,
    StructureCase,
    in_layouts,
)
from actcheck.conformance.checks.parts.structure.elements import APART, ScalarPart, together
from actcheck.conformance.judging.findings import finding_of
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec

QUANTITIES = ("forward", "gradient", "refused_sizes")
#: Formats that quick asks about.
_QUICK = ("bfloat16", "float32")


class Structure:
    """Shapes decide what these activations mean: which channel, which half, along which dimension."""

    name = "structure"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Of each activation and format; the cases go through the parameters by themselves."""
        if spec.kind in CASES:
            for quantity in QUANTITIES:
                for form in FORMATS:
                    if level != "quick" or form in _QUICK:
                        yield Question(self.name, spec, spec.default, form, quantity)

    def answer(self, question: Question, context: Context) -> Answer:
        """Ask every case; all results are judged together, and one by one where something is wrong."""
        if question.quantity == "refused_sizes":
            return _refused(question, context)
        asked = _answers(question, context)
        everything = [part for parts in asked.parts.values() for part in parts]
        found = _judged(question, context, everything)
        wrong = list(asked.faults)
        if found.faults:
            wrong += [f for tag, parts in asked.parts.items() for f in _placed(question, context, tag, parts)]
        count = len(asked.parts)
        return replace(
            found,
            faults=tuple(gathered(wrong)),
            grade=None,
            verdict=None,
            message="" if wrong else f"{count} shapes and dimensions",
        )


@dataclass
class _Answers:
    parts: dict[str, list[ScalarPart]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def _answers(question: Question, context: Context) -> _Answers:
    """What every case gives, taken apart. Raises UnsupportedError."""
    asker, form, found = Asker.of(question, context), FORMATS[question.format], _Answers()
    cases = CASES[question.spec.kind](question.spec, form, context.seed)
    for case in chain.from_iterable(map(in_layouts, cases)):
        for upstream in case.upstreams if question.quantity == "gradient" else (None,):
            try:
                given = _result(asker, case, upstream)
            except FaultError as error:
                found.faults.append(replace(error.fault, message=f"{case.tag}: {error}"))
                continue
            taken = APART[question.spec.kind](
                question.spec, case.parameters, question.quantity, case.x, given, upstream
            )
            found.parts.setdefault(case.tag, []).extend(taken)
    return found


def _result(asker: Asker, case: StructureCase, upstream: Array | None) -> Array:
    try:
        if upstream is None:
            return asker.forward(case.x, case.parameters, np.empty(case.shape, case.x.dtype))
        return asker.gradient(case.x, upstream, case.parameters)
    except UnansweredError:
        raise
    except Exception as error:  # whatever a framework raises
        told = f"raised {type(error).__name__}: {error}"
        raise FaultError(Fault(f"raised:{case.tag}", told)) from error


def _judged(question: Question, context: Context, parts: Iterable[ScalarPart]) -> Finding:
    form = FORMATS[question.format]
    points = [part.points(form) for part in together(parts) if part.x.size]
    return finding_of(question, context.profile, points)


def _placed(question: Question, context: Context, tag: str, parts: list[ScalarPart]) -> Iterator[Fault]:
    """The faults of one case, with the case in front."""
    for fault in _judged(question, context, parts).faults:
        yield Fault(fault.what, f"{tag}: {fault.message}", fault.size, fault.inputs)


def _refused(question: Question, context: Context) -> Answer:
    form = FORMATS[question.format]
    bad = list(BAD[question.spec.kind](question.spec, form))
    faults = [f for one in bad if (f := _accepted(question, context, one)) is not None]
    return Finding(tuple(faults), points=len(bad), message="" if faults else "all refused")


def _accepted(question: Question, context: Context, one: RefusedCase) -> Fault | None:
    """The fault of a call that is computed and not refused."""
    try:
        given: Any = tried(partial(context.adapter.forward, question.activation, one.x, one.parameters))
    except UnsupportedError:
        return None
    if isinstance(given, Refusal):
        return None
    told = f"{one.tag}: accepted; the result has shape {getattr(given, 'shape', None)}"
    return Fault(f"accepted:{one.tag}", told)
