"""A trial of a specification at its own parameter values: what it defines must have values."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from typing import Any

from actcheck.reference.expressions.budget import BudgetError
from actcheck.reference.scales.proof import ScaleError, prove
from actcheck.reference.specification.binding import bind, constant
from actcheck.reference.specification.elements import channel, gate, half, slope_in_weight
from actcheck.reference.specification.loading.conditions import satisfied
from actcheck.reference.specification.loading.documents import Document
from actcheck.reference.specification.loading.errors import Place, Problem
from actcheck.reference.specification.model import Kink, Piece, Property, Spec, Variant
from actcheck.reference.specification.normalizing import normalized

_POINTS = tuple(Fraction(n, 2) for n in (-40, -7, -2, -1, 0, 1, 2, 7, 40))


def trial_problems(document: Document, spec: Spec) -> Iterator[Problem]:
    """What has no value, each place told once; and definitions that cannot be taken apart.

    Nothing more is tried of a definition beyond the budget.
    """
    if not spec.elementwise:
        yield from (document.problem(place, message) for place, message in _apart(spec))
        return
    told: set[Place] = set()
    for variant in spec.variants:
        beyond = _beyond_budget(spec, variant)
        if beyond:
            yield document.problem(("definition",), f"{beyond}, with {_variant_text(variant)}")
            return
        for place, message in _trial(spec, variant, told):
            told.add(place)
            yield document.problem(place, f"{message}, with {_variant_text(variant)}")


def _apart(spec: Spec) -> Iterator[tuple[Place, str]]:
    """What keeps an activation of several numbers from being judged as functions of one."""
    parameters = spec.default.parameters
    try:
        match spec.kind:
            case "gated":
                bounds = [gate(spec, parameters)]
            case "channelwise":
                bounds = [channel(spec, parameters, 0.5)]
                if "weight_gradient" in spec.accuracy:
                    slope_in_weight(spec, parameters)
            case "concatenating":
                bounds = [half(spec, parameters, index) for index in (0, 1)]
            case "normalizing":
                normalized(spec, parameters)
                return
            case _:
                return
        for bound in bounds:
            _ = bound.differentiated  # within the budget
    except (ArithmeticError, ValueError, KeyError, StopIteration) as error:
        yield ("definition",), f"cannot be taken apart: {error}"
        return
    for quantity in spec.scale:
        try:
            for bound in bounds:
                prove(bound.scale(quantity))
        except (ScaleError, ArithmeticError, ValueError) as error:
            yield ("scale", quantity), f"the scale cannot be told from its rounding: {error}"


def _variant_text(variant: Variant) -> str:
    return "the default parameters" if variant.label == "default" else f"parameters {variant.label}"


def _beyond_budget(spec: Spec, variant: Variant) -> str | None:
    try:
        _ = bind(spec, variant).differentiated
    except BudgetError as error:
        return str(error)
    except (ArithmeticError, ValueError, KeyError, TypeError):
        pass  # told later, at its place
    return None


def _trial(spec: Spec, variant: Variant, told: Collection[Place]) -> Iterator[tuple[Place, str]]:
    """What goes wrong at places of which nothing is told yet."""
    for place, what, attempt in _attempts(spec, variant):
        if place in told:
            continue
        try:
            value = attempt()
        except ScaleError as error:
            yield place, f"{what} cannot be told from its rounding: {error}"
            continue
        except (ArithmeticError, ValueError, KeyError, TypeError, MemoryError, RecursionError) as error:
            yield place, f"{what} has no value: {_reason(error)}; change the expression or the parameters"
            continue
        if value is not None and math.isnan(value):
            yield place, f"{what} is not a number; change the expression or the parameters"


Attempt = tuple[Place, str, Callable[[], Any]]


def _attempts(spec: Spec, variant: Variant) -> Iterator[Attempt]:
    for point in _POINTS:
        yield ("definition",), f"the definition at x = {float(point):g}", _definition(spec, variant, point)
    for quantity in spec.limits:
        for sign, end in ((-1, "minus_infinity"), (1, "plus_infinity")):
            yield ("limits", quantity, end), "the limit", _limit(spec, variant, quantity, sign)
    for index, kink in enumerate(spec.kinks):
        yield ("kinks", index, "at"), "the kink", _constant(kink.at, variant)
        yield ("kinks", index, "torch"), "the kink", _slope(kink, variant)
    for index, kept in enumerate(spec.properties):
        yield from _property(("properties", index), kept, variant)
    for quantity in spec.scale:
        yield ("scale", quantity), "the scale", _scale(spec, variant, quantity)


def _definition(spec: Spec, variant: Variant, point: Fraction) -> Callable[[], Any]:
    def attempt() -> None:
        # At 0 a derivative may be a limit (0/0) though the definition is smooth.
        for quantity in ("forward", "gradient", "second_derivative") if point else ("forward",):
            bind(spec, variant).exact(quantity, point)

    return attempt


def _limit(spec: Spec, variant: Variant, quantity: str, sign: int) -> Callable[[], Any]:
    return lambda: bind(spec, variant).limit(quantity, sign)


def _scale(spec: Spec, variant: Variant, quantity: str) -> Callable[[], None]:
    return lambda: prove(bind(spec, variant).scale(quantity))


def _constant(node: Any, variant: Variant) -> Callable[[], Any]:
    return lambda: constant((Piece((), node),), variant.parameters)


def _slope(kink: Kink, variant: Variant) -> Callable[[], Any]:
    """There is none where the kink itself has moved to infinity."""

    def attempt() -> Any:
        at, slope = (_constant(node, variant) for node in (kink.at, kink.torch))
        return slope() if math.isfinite(at()) else None

    return attempt


def _property(place: Place, kept: Property, variant: Variant) -> Iterator[Attempt]:
    """The ends of a range, for the parameters of which it is said."""
    if satisfied(kept.when, variant.parameters):
        for key, node in (("low", kept.low), ("high", kept.high)):
            if node is not None:
                yield (*place, key), "the end of the range", _constant(node, variant)


def _reason(error: BaseException) -> str:
    match error:
        case ZeroDivisionError():
            return "a quotient by zero"
        case KeyError() | TypeError():
            return "a parameter in it has no value"
        case OverflowError() | MemoryError():
            return "it is too large to write down"
    return str(error) or type(error).__name__
