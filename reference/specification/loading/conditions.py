"""Conditions on parameters at given values, infinities and NaN included."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from actcheck.reference.evaluation import mp
from actcheck.reference.expressions.tree import COMPARISONS, Condition, Negate, Node, Symbol, Text, symbols
from actcheck.reference.specification.model import ParameterValue


def satisfied(condition: Condition, values: Mapping[str, ParameterValue]) -> bool:
    """Whether a condition holds; one that speaks of a parameter that is None does.

    NaN meets no condition. Raises ZeroDivisionError or ValueError where a side has no value, and
    ValueError where a word is compared with a number by size.
    """
    for comparison in condition:
        sides = [_value(side, values) for side in (comparison.left, comparison.right)]
        if None in sides:
            continue
        if any(isinstance(side, float) and math.isnan(side) for side in sides):
            return False
        if not _holds(comparison.operator, *sides):
            return False
    return True


def _holds(sign: str, left: Any, right: Any) -> bool:
    if isinstance(left, str) != isinstance(right, str) and sign not in ("==", "!="):
        raise ValueError(f"{left!r} {sign} {right!r} has no answer")
    return COMPARISONS[sign](left, right)


def _value(node: Node, values: Mapping[str, ParameterValue]) -> Fraction | float | str | None:
    match node:
        case Text(value):
            return value
        case Symbol("inf"):
            return math.inf
        case Symbol(name) if name in values:
            return _exact(values[name])
        case Negate(operand):
            inner = _value(operand, values)
            return inner if inner is None or isinstance(inner, str) else -inner
    return _compound(node, {name: _exact(values[name]) for name in symbols(node) if name in values})


def _exact(value: ParameterValue) -> Fraction | float | str | None:
    if value is None or isinstance(value, str) or not math.isfinite(value):
        return value
    return Fraction(value)


def _compound(node: Node, values: Mapping[str, Any]) -> Fraction | float | None:
    """Arithmetic is done on finite values alone; with an infinite one the result counts as NaN."""
    if None in values.values():
        return None
    if not all(isinstance(value, Fraction) for value in values.values()):
        return math.nan
    return mp.to_fraction(mp.evaluate(node, values))
