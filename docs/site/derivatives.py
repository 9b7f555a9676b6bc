"""Derivatives as the code derives them, and the slopes on both sides of a kink."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from actcheck.conformance.pictures import mathml
from actcheck.conformance.pictures.curves import NoCurveError, functions
from actcheck.reference.evaluation import mp
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.expressions.tree import Symbol, X, substituted, symbols
from actcheck.reference.specification.binding import Bound, finite_kinks
from actcheck.reference.specification.model import Piece, Pieces, Spec
from actcheck.reference.specification.normalizing import normalized

#: Closer to a kink than another one is.
_BESIDE = Fraction(1, 2**40)
_SPLIT = "abs, min and max split into cases, parameters at their defaults"


@dataclass(frozen=True)
class Derivative:
    """A derivative, in cases."""

    name: str
    over: tuple[str, ...]
    pieces: Pieces
    #: What must be said of it.
    words: str = ""


@dataclass(frozen=True)
class Slopes:
    """A kink with the slope that torch takes there, and value and slope from the left and from the right."""

    at: Markup
    torch: Markup
    #: Of the function at the default parameters, or of each of its halves.
    values: tuple[tuple[str, str], ...]
    slopes: tuple[tuple[str, str], ...]


def derivatives(spec: Spec) -> list[Derivative]:
    """The derivative with respect to each symbol of the definition that is no parameter."""
    if spec.kind == "normalizing":
        return list(_of_rows(spec))
    over = _variables(spec)
    try:
        return [
            Derivative(_called(spec, v, over), over, _derived(spec.definition, v))
            for v in over
            if v != "half"
        ]
    except ValueError:  # no rule for abs, min and max
        return [Derivative(f"{spec.title}′", ("x",), b.differentiated[1], _SPLIT) for b in _functions(spec)]


def _of_rows(spec: Spec) -> Iterator[Derivative]:
    """What the gradient is made of: u_i*F_x(x_i, sum) + h'(x_i)*(the sum of u_j*F_sum(x_j, sum))."""
    parts = normalized(spec, spec.default.parameters)
    for name, over, node, words in (
        (f"∂{spec.title}/∂x", ("x", "sum"), parts.by_x, "with respect to the element itself, the sum held"),
        (f"∂{spec.title}/∂sum", ("x", "sum"), parts.by_total, "with respect to the sum"),
        ("∂sum/∂x", ("x",), parts.term_slope, "of the sum with respect to one of its elements"),
    ):
        yield Derivative(name, over, (Piece((), node),), words)


def slopes(spec: Spec) -> list[Slopes]:
    """The kinks of an activation, at its default parameters."""
    return [
        Slopes(
            Markup(mathml.expression(kink.at)),
            Markup(mathml.expression(kink.torch)),
            tuple(_beside(bound, 0, Fraction(at)) for bound in _functions(spec)),
            tuple(_beside(bound, 1, Fraction(at)) for bound in _functions(spec)),
        )
        for kink, at in finite_kinks(spec, spec.default)
    ]


def _called(spec: Spec, variable: str, over: tuple[str, ...]) -> str:
    return f"∂{spec.title}/∂{variable}" if len(over) > 1 else f"{spec.title}′"


def _variables(spec: Spec) -> tuple[str, ...]:
    inside = frozenset[str]().union(*(symbols(piece.value) for piece in spec.definition))
    return tuple(sorted(inside - {p.name for p in spec.parameters} - {"pi", "inf"})) or ("x",)


def _derived(pieces: Pieces, variable: str) -> Pieces:
    """The rules derive by x alone: the variable takes its place for as long."""
    there, back = {"x": Symbol("held"), variable: X}, {"x": Symbol(variable), "held": X}
    return tuple(Piece(p.when, substituted(derivative(substituted(p.value, there)), back)) for p in pieces)


def _functions(spec: Spec) -> Iterator[Bound]:
    try:
        yield from functions(spec, spec.default)
    except NoCurveError:
        return


def _beside(bound: Bound, order: int, at: Fraction) -> tuple[str, str]:
    cases = (bound.select(at - _BESIDE), bound.select(at + _BESIDE))
    left, right = (mp.evaluate(bound.differentiated[order][c].value, {"x": at}) for c in cases)
    return f"{float(left):.6g}", f"{float(right):.6g}"
