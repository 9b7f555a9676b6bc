"""Inputs at which a definition's formula changes: where its derivative jumps, and where its parts end."""

from __future__ import annotations

from functools import lru_cache

from actcheck.reference.evaluation import balls
from actcheck.reference.evaluation.thresholds import thresholds
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.formats import Format
from actcheck.reference.specification.binding import ORDERS, Bound, bind, kinks_at
from actcheck.reference.specification.model import Spec, Variant


def telling_inputs(spec: Spec, variant: Variant, form: Format) -> list[float]:
    """The kinks, and the thresholds of the definition in the format, as float64 numbers."""
    return [*kinks_at(spec, variant), *definition_thresholds(bind(spec, variant), form)]


@lru_cache(maxsize=512)
def definition_thresholds(bound: Bound, form: Format) -> tuple[float, ...]:
    """Where a part of the definition or of a derivative over- or underflows, or is a constant; in order.

    Every case counts on the whole line: kernels compute all of them, and choose afterwards.
    """
    values = [piece.value for pieces in bound.differentiated for piece in pieces]
    read = [balls.prepared(piece.value) for piece in bound.pieces]
    values += [derivative(value, order) for value in read for order in range(len(ORDERS))]
    return tuple(sorted({x for value in dict.fromkeys(values) for x in thresholds(value, form)}))
