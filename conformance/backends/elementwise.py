"""A question about an element-wise activation, as a backend is asked it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Unsupported
from actcheck.conformance.model import Context, Question
from actcheck.reference.specification.binding import constant
from actcheck.reference.specification.model import Piece, Spec, Variant

Array = NDArray[Any]


def kinks(spec: Spec, variant: Variant) -> list[float]:
    """Where the derivative jumps, for these parameters, rounded to float64."""
    return [constant((Piece((), kink.at),), variant.parameters) for kink in spec.kinks]


def results(question: Question, context: Context, x: Array) -> Array | Unsupported:
    """What the backend computes at these points; gradients for an upstream of ones."""
    adapter, name, parameters = context.adapter, question.activation, question.variant.parameters
    match question.quantity:
        case "forward":
            return adapter.forward(name, x, parameters)
        case "gradient":
            return adapter.gradient(name, x, np.ones_like(x), parameters)
        case _:
            return adapter.second_derivative(name, x, parameters)
