"""Integers, booleans and complex numbers as inputs of normalizing activations: right, or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.checks.parts.normalizing.asked import JudgedRows, RowAnswers, RowCall
from actcheck.conformance.checks.parts.shared.judged_sums import part_faults
from actcheck.conformance.model import Context, Fault, Question
from actcheck.reference.formats import FORMATS

Array = NDArray[Any]
#: Small enough for every type and format, but for those that have no sign.
_NUMBERS = (-5, 3, 0, 2, -1, 7, 1)


def inputs(name: str) -> Array:
    """A row of a type."""
    values = np.array(_NUMBERS)
    return (np.abs(values) if name.startswith("u") else values).astype(name)


def fault_of(question: Question, context: Context, x: Array, y: Any) -> Fault | None:
    """The fault of what came back for a row of another type; None where it is right."""
    what = f"wrong:{x.dtype}"
    if not isinstance(y, np.ndarray) or y.shape != x.shape:
        return Fault(what, f"{what}: got {getattr(y, 'shape', type(y).__name__)}, expected shape {x.shape}")
    if x.dtype.kind == "c":
        real = y.dtype == x.dtype and np.allclose(y.imag, 0)
        return None if real else Fault(what, f"{what}: got {y.dtype}, or numbers that are not real")
    if y.dtype.name not in FORMATS:
        return Fault(what, f"{what}: returned {y.dtype}, which holds no such results; refuse {x.dtype}")
    form = FORMATS[y.dtype.name]
    asked = RowAnswers(replace(question, format=form.name), context)
    judged = JudgedRows.of(asked, RowCall(f"a row of {x.dtype}", x.astype(form.dtype), -1), y)
    found = list(part_faults(asked.question, judged.part))
    return Fault(what, f"{what}: as {y.dtype}: {found[0].message}") if found else None
