"""`dtypes`: results keep the input's format; integers, booleans and complex numbers: right, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker, FaultError, Refusal, UnsupportedError, tried
from actcheck.conformance.checks.parts.dtypes import off_axis
from actcheck.conformance.checks.parts.dtypes.judged import wrong, wrong_complex
from actcheck.conformance.checks.parts.dtypes.values import complexes, integers
from actcheck.conformance.checks.parts.normalizing import types
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.conformance.names import ANY
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
INTEGERS = ("int8", "uint8", "int16", "int32", "int64", "bool")
COMPLEX = ("complex64", "complex128")
#: Inputs by which the format of a result shows.
_FLOATS = (-1.5, -0.25, 0.25, 2.0, 8.0)


class Dtypes:
    """What becomes of inputs in each type: all of them in one question, which notes what was refused."""

    name = "dtypes"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """One for each variant: parameters decide whether integers have an integer for an answer."""
        if spec.kind == "normalizing":
            yield Question(self.name, spec, spec.default, ANY, "forward")
        if spec.elementwise:
            for variant in spec.variants:
                yield Question(self.name, spec, variant, ANY, "forward")

    def answer(self, question: Question, context: Context) -> Answer:
        """Put every type to the backend."""
        faults = list(_formats(question, context))
        results: dict[str, str] = {}
        refused: dict[str, str] = {}
        count = 0
        for name in (*INTEGERS, *COMPLEX):
            x = _inputs(question, name)
            try:
                y = _tried(question, context, x)
            except FaultError as error:
                faults.append(replace(error.fault, what=f"raised:{name}"))
                continue
            if isinstance(y, Refusal):
                refused[name] = y.words
                continue
            count += len(x)
            results[name] = str(getattr(y, "dtype", type(y).__name__))
            found = _wrong(question, context, x, y)
            faults += [found] if found else []
            if name in COMPLEX and name == results[name] and question.spec.elementwise:
                z = off_axis.points(name, question)
                count += len(z)
                faults += _off_axis(question, context, z)
        notes = {"refused": refused, "results": results}
        message = "" if faults or results else "integers, booleans and complex numbers are refused"
        return Finding(tuple(faults), points=count, notes=notes, message=message)


def _inputs(question: Question, name: str) -> Array:
    """Inputs of a type."""
    if not question.spec.elementwise:
        return types.inputs(name)
    return (complexes if name in COMPLEX else integers)(name, question.spec, question.variant)


def _wrong(question: Question, context: Context, x: Array, y: Any) -> Fault | None:
    """The fault of results for inputs of a type."""
    if not question.spec.elementwise:
        return types.fault_of(question, context, x, y)
    return (wrong_complex if x.dtype.name in COMPLEX else wrong)(question, context.profile, x, y)


def _off_axis(question: Question, context: Context, z: Array) -> Iterator[Fault]:
    """Of the results at points off the real axis, if there are any."""
    y = _tried(question, context, z) if len(z) else z
    if isinstance(y, Refusal):
        yield Fault(
            f"off_axis:{z.dtype}", f"off_axis:{z.dtype}: raised {y.words}, though not on the real axis"
        )
    elif getattr(y, "shape", None) != z.shape or y.dtype != z.dtype:
        yield Fault(f"off_axis:{z.dtype}", f"off_axis:{z.dtype}: not of the form of results on the real axis")
    elif found := off_axis.fault(question, z, y):
        yield found


def _tried(question: Question, context: Context, x: Array) -> Any:
    """The results for inputs of a type, or how they were refused."""
    ask = partial(context.adapter.forward, question.activation, x, question.variant.parameters)
    try:
        return tried(ask)
    except UnsupportedError as error:
        return Refusal(str(error))


def _formats(question: Question, context: Context) -> Iterator[Fault]:
    """Results in another format than the input's. That a call raises is told by other checks."""
    for name in context.adapter.describe().formats:
        if name not in FORMATS:
            continue
        x = np.array(_FLOATS).astype(FORMATS[name].dtype)
        for quantity in ("forward", "gradient"):
            try:
                Asker(replace(question, quantity=quantity), context.adapter).results(x)
            except FaultError as error:
                if error.fault.what == "wrong_format":
                    yield Fault(f"format:{name}", f"format:{name}: {quantity} {error}")
            except Exception:  # accuracy and kinks tell it
                continue
