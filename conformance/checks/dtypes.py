"""`dtypes`: results keep the input's format; integers, booleans and complex numbers: right, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Unsupported
from actcheck.conformance.checks.parts.dtypes.judged import wrong, wrong_complex
from actcheck.conformance.checks.parts.dtypes.values import complexes, integers
from actcheck.conformance.checks.parts.shared.calling import told
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
            given = _asked(question, context, name)
            if isinstance(given, str):
                refused[name] = given
                continue
            x, y = given
            count += len(x)
            results[name] = str(getattr(y, "dtype", type(y).__name__))
            found = (wrong_complex if name in COMPLEX else wrong)(question, context.profile, x, y)
            faults += [found] if found else []
        notes = {"refused": refused, "results": results}
        message = "" if faults or results else "integers, booleans and complex numbers are refused"
        return Finding(tuple(faults), points=count, notes=notes, message=message)


def _asked(question: Question, context: Context, name: str) -> tuple[Array, Any] | str:
    """Inputs of a type and their results, or how they were refused."""
    values = complexes if name in COMPLEX else integers
    x = values(name, question.spec, question.variant)
    try:
        y = context.adapter.forward(question.activation, x, question.variant.parameters)
    except Exception as error:  # whatever a framework raises is a refusal
        return told(error)
    return y.reason if isinstance(y, Unsupported) else (x, y)


def _formats(question: Question, context: Context) -> Iterator[Fault]:
    """Results in another format than the input's. That a call raises is told by other checks."""
    adapter, parameters = context.adapter, question.variant.parameters
    for name in adapter.describe().formats:
        if name not in FORMATS:
            continue
        x = np.array(_FLOATS).astype(FORMATS[name].dtype)
        for quantity in ("forward", "gradient"):
            try:
                if quantity == "forward":
                    y = adapter.forward(question.activation, x, parameters)
                else:
                    y = adapter.gradient(question.activation, x, np.ones_like(x), parameters)
            except Exception:  # accuracy and kinks tell it
                continue
            if not isinstance(y, Unsupported) and getattr(y, "dtype", None) != x.dtype:
                got = getattr(y, "dtype", type(y).__name__)
                message = f"format:{name}: {quantity} returned {got} for an input in {name}, expected {name}"
                yield Fault(f"format:{name}", message)
