"""Random definitions over the closed list of functions, and their values by Arb, written out plainly."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq
from hypothesis import reject
from hypothesis import strategies as st

from actcheck.reference.expressions.tree import (
    ONE,
    Binary,
    Call,
    Comparison,
    Negate,
    Node,
    Number,
    Power,
    Symbol,
    X,
    condition_text,
    text,
)
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import Bound, bind
from actcheck.reference.specification.model import Piece, Variant

PI = Symbol("pi")
#: Constants as definitions have them, and awkward ones.
NUMBERS = (
    *(Fraction(n) for n in (-3, -1, 0, 1, 2, 6, 20)),
    *(Fraction(text) for text in ("0.5", "0.044715", "1.6732632423543772", "0.01", "1e-10", "1e30")),
    *(Fraction(1, 3), Fraction(0.1), Fraction(1 + 3 * 2.0**-24), Fraction(2) ** 40, Fraction(2) ** -60),
)
_EVERYWHERE = ("exp", "tanh", "erf", "erfc", "sigmoid", "Phi")

leaves = st.one_of(st.just(X), st.just(X), st.sampled_from([Number(v) for v in NUMBERS]), st.just(PI))


def _positive(u: Node) -> st.SearchStrategy[Node]:
    """Something that is positive wherever u is defined."""
    return st.sampled_from([Binary("+", ONE, Call("exp", (u,))), Binary("+", ONE, Power(u, 2))])


def _grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*"), inner, inner),
        st.builds(lambda f, u: Call(f, (u,)), st.sampled_from(_EVERYWHERE), inner),
        st.builds(lambda a, b: Binary("/", a, b), inner, inner.flatmap(_positive)),
        st.builds(lambda f, u: Call(f, (u,)), st.sampled_from(("log", "sqrt")), inner.flatmap(_positive)),
        st.builds(Negate, inner),
        st.builds(Power, inner, st.integers(2, 4)),
        # Poles and edges of domains as well, and cancellation.
        st.builds(lambda a, b: Binary("/", a, b), inner, inner),
        st.builds(lambda f, u: Call(f, (u,)), st.sampled_from(("log", "sqrt")), inner),
        st.builds(lambda a, b: Binary("-", Binary("+", a, b), b), inner, inner),
    )


#: Smooth trees.
trees = st.recursive(leaves, _grown, max_leaves=6)
#: Trees with abs, min and max.
cornered = st.one_of(
    trees,
    st.builds(lambda u: Call("abs", (u,)), trees),
    st.builds(lambda f, a, b: Call(f, (a, b)), st.sampled_from(("min", "max")), trees, trees),
)
_comparisons = st.builds(
    Comparison,
    st.sampled_from(("<", "<=", ">", ">=")),
    st.one_of(st.just(X), st.just(X), trees),
    st.sampled_from([Number(v) for v in NUMBERS]),
)


@st.composite
def definitions(draw: st.DrawFn) -> Bound:
    """A definition in one to three pieces, bound."""
    whens = draw(st.lists(_comparisons, max_size=2))
    pieces = (*(Piece((when,), draw(cornered)) for when in whens), Piece((), draw(cornered)))
    try:
        return bound_of(pieces)
    except (ValueError, ArithmeticError):  # a condition without x that has no value
        reject()


def bound_of(pieces: tuple[Piece, ...]) -> Bound:
    """A definition of one's own."""
    told = "; ".join(f"{condition_text(p.when)}: {text(p.value)}" for p in pieces)
    spec = replace(loading.find("tanh"), id="random", definition=pieces, digest=told)
    return bind(spec, Variant("random", "default", {}, {}))


def enclosed(node: Node, x: Fraction, bits: int) -> Any:
    """The value of a tree at x as an Arb ball, not finite where nothing is known."""
    before, ctx.prec = ctx.prec, bits
    try:
        return _read(node, x)
    finally:
        ctx.prec = before


def _read(node: Node, x: Fraction) -> Any:
    match node:
        case Number(value):
            return arb(fmpq(value.numerator, value.denominator))
        case Symbol("x"):
            return arb(fmpq(x.numerator, x.denominator))
        case Symbol():
            return arb.pi()
        case Negate(operand):
            return -_read(operand, x)
        case Power(base, exponent):
            return _read(base, x) ** exponent
        case Binary(operator, left, right):
            a, b = _read(left, x), _read(right, x)
            return {"+": a + b, "-": a - b, "*": a * b}[operator] if operator != "/" else a / b
        case Call(function, arguments):
            return _called(function, [_read(a, x) for a in arguments])
    raise ValueError(node)


def _called(function: str, values: list[Any]) -> Any:
    match function:
        case "min":
            return values[0].min(values[1])
        case "max":
            return values[0].max(values[1])
        case "abs":
            return abs(values[0])
        case "sigmoid":
            return 1 / (1 + (-values[0]).exp())
        case "Phi":
            return (-values[0] / arb(2).sqrt()).erfc() / 2
    return getattr(values[0], function)()
