"""`structure`: channels, halves and gates at every rank, dimension and layout; sizes that must be refused.

The plain array of each shape is judged. In every other layout the same numbers must give the same bits; where
they do not, the exact value decides as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
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
from actcheck.conformance.checks.parts.normalizing.asked import DIM, RowAnswers, RowCall
from actcheck.conformance.checks.parts.shared import few_shapes
from actcheck.conformance.checks.parts.shared.bit_comparison import apart
from actcheck.conformance.checks.parts.shared.judged_sums import gathered
from actcheck.conformance.checks.parts.structure.cases import (
    BAD,
    CASES,
    Array,
    RefusedCase,
    StructureCase,
)
from actcheck.conformance.checks.parts.structure.elements import APART, ScalarPart, together
from actcheck.conformance.checks.parts.structure.layouts import LAYOUTS, StructureLayout
from actcheck.conformance.checks.parts.structure.weights import weight_gradients_of_shapes
from actcheck.conformance.judging.findings import faults_of
from actcheck.conformance.judging.grading import tolerance
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.conformance.numerals import both
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.model import Spec

QUANTITIES = ("forward", "gradient", "refused_sizes")
#: Formats that quick asks about.
_QUICK = ("bfloat16", "float32")
#: The highest rank where shapes are dear.
_FEW_RANK = 3
_ADVICE = "the layout must not decide which formula is used, nor in which order memory is read"


class Structure:
    """Shapes decide what these activations mean: which channel, which half, along which dimension."""

    name = "structure"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Of each activation and format; the cases go through the parameters by themselves."""
        if spec.kind in CASES:
            weights = ("weight_gradient",) if "weight_gradient" in spec.accuracy else ()
            for quantity in (*QUANTITIES, *weights):
                for form in FORMATS:
                    if level != "quick" or form in _QUICK:
                        yield Question(self.name, spec, spec.default, form, quantity)

    def answer(self, question: Question, context: Context) -> Answer:
        """Ask every case; all results are judged together, and one by one where something is wrong."""
        match question.quantity:
            case "refused_sizes":
                return _refused(question, context)
            case "weight_gradient":
                return weight_gradients_of_shapes(question, context)
        asked = _answers(question, context)
        judging = _of_rows if question.spec.kind == "normalizing" else _of_elements
        wrong = [*asked.faults, *judging(question, context, asked)]
        told = f"{asked.calls} calls with {len(asked.results)} shapes and dimensions"
        points = sum(given.size for results in asked.results.values() for _, given in results)
        notes = few_shapes.left_out(f"more than {_FEW_RANK} dimensions") if context.few_shapes else {}
        return Finding(tuple(gathered(wrong)), points=points, message="" if wrong else told, notes=notes)


@dataclass
class _Answers:
    #: Cases with their results, by tag.
    results: dict[str, list[tuple[StructureCase, Array]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    calls: int = 0

    def take(self, case: StructureCase, given: Array, tag: str = "") -> None:
        """Take a result, to be judged."""
        self.results.setdefault(case.tag + tag, []).append((case, given))


def _answers(question: Question, context: Context) -> _Answers:
    """What every case gives. Raises UnsupportedError."""
    form, found = FORMATS[question.format], _Answers()
    for case in CASES[question.spec.kind](question.spec, form, context.seed):
        if context.few_shapes and case.x.ndim > _FEW_RANK:
            continue
        upstreams = case.upstreams if question.quantity == "gradient" else (None,)
        for number, upstream in enumerate(upstreams):
            single = replace(case, upstreams=() if upstream is None else (upstream,))
            plain = _result(found, question, context, single)
            if plain is None:
                continue
            found.take(single, plain)
            # What is counted from the other end is the same dimension, and one upstream tells a layout.
            if number == 0 and case.parameters.get("dim", 0) >= 0:
                _in_layouts(found, question, context, single, plain)
    return found


def _in_layouts(
    found: _Answers, question: Question, context: Context, case: StructureCase, plain: Array
) -> None:
    """Faults of all layouts, and what differs from the plain array's result, to be judged."""
    form, seen = FORMATS[question.format], set()
    for layout in LAYOUTS:
        if case.x.ndim < layout.rank or (not case.upstreams and layout.x in seen):
            continue
        seen.add(layout.x)
        view = replace(
            case, x=layout.x(case.x), upstreams=tuple(layout.upstream(sent) for sent in case.upstreams)
        )
        given = _result(found, question, context, view, layout)
        same = _result(found, question, context, _copied(view), layout) if layout.repeats else plain
        if given is None or same is None:
            continue
        differs = _differs(form, case, layout, given, same)
        if differs is not None:
            found.faults.append(differs)
            found.take(view, given, f",{layout.name}")


def _copied(case: StructureCase) -> StructureCase:
    return replace(case, x=case.x.copy(), upstreams=tuple(sent.copy() for sent in case.upstreams))


def _differs(
    form: Format, case: StructureCase, layout: StructureLayout, given: Array, same: Array
) -> Fault | None:
    far = apart(form.keys(given), form.keys(same))
    if not far.any():
        return None
    at = tuple(int(i) for i in np.argwhere(far)[0])
    told = f"{both(float(given[at]))} at {list(at)}, but {both(float(same[at]))} in a plain array"
    many = f"so for {int((far > 0).sum())} of {far.size} results, at most {far.max():.0f} floats apart"
    return Fault("differs:layout", f"{case.tag}, {layout.name}: {told}; {many}; {_ADVICE}", float(far.max()))


def _result(
    found: _Answers,
    question: Question,
    context: Context,
    case: StructureCase,
    layout: StructureLayout | None = None,
) -> Array | None:
    """What a call gives; None where that is a fault. Raises UnsupportedError."""
    tag = case.tag if layout is None else f"{case.tag},{layout.name}"
    found.calls += 1
    try:
        return _asked(Asker.of(question, context), case, tag)
    except FaultError as error:
        found.faults.append(replace(error.fault, message=f"{tag}: {error}"))
        return None


def _asked(asker: Asker, case: StructureCase, tag: str) -> Array:
    try:
        if not case.upstreams:
            return asker.forward(case.x, case.parameters, np.empty(case.shape, case.x.dtype))
        return asker.gradient(case.x, case.upstreams[0], case.parameters)
    except UnansweredError:
        raise
    except Exception as error:  # whatever a framework raises
        told = f"raised {type(error).__name__}: {error}"
        raise FaultError(Fault(f"raised:{tag}", told)) from error


def _of_elements(question: Question, context: Context, asked: _Answers) -> Iterator[Fault]:
    """Results taken apart into functions of one number: all together, and one by one where some are wrong."""
    parts = {tag: list(_apart(question, results)) for tag, results in asked.results.items()}
    if _judged(question, context, [part for some in parts.values() for part in some]):
        yield from (f for tag, some in parts.items() for f in _placed(question, context, tag, some))


def _apart(question: Question, results: Iterable[tuple[StructureCase, Array]]) -> Iterator[ScalarPart]:
    for case, given in results:
        upstream = case.upstreams[0] if case.upstreams else None
        yield from APART[question.spec.kind](
            question.spec, case.parameters, question.quantity, case.x, given, upstream
        )


def _of_rows(question: Question, context: Context, asked: _Answers) -> Iterator[Fault]:
    """Results judged as sums."""
    rows = RowAnswers(question, context)
    for tag, results in asked.results.items():
        for case, given in results:
            upstream = case.upstreams[0] if case.upstreams else None
            rows.calls.append((RowCall(tag, case.x, case.parameters[DIM], upstream), given))
    yield from rows.finding().faults


def _judged(question: Question, context: Context, parts: Iterable[ScalarPart]) -> list[Fault]:
    allowed = tolerance(question.spec, question.quantity, question.format)
    points = (part.points(FORMATS[question.format]) for part in together(parts) if part.x.size)
    return [fault for judged in points for fault in faults_of(context.profile, judged, allowed)]


def _placed(question: Question, context: Context, tag: str, parts: list[ScalarPart]) -> Iterator[Fault]:
    """The faults of one case, with the case in front."""
    for fault in _judged(question, context, parts):
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
    except FaultError as error:
        return Fault(f"raised:{one.tag}", f"{one.tag}: {error.fault.message}")
    if isinstance(given, Refusal):
        return None
    told = f"{one.tag}: accepted; the result has shape {getattr(given, 'shape', None)}"
    return Fault(f"accepted:{one.tag}", told)
