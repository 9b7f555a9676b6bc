"""The functions of a definition on split numbers: each by the form that leaves the smallest rest."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpq_poly

from actcheck.reference.expressions.tree import Node
from tests.support.independent.differentiating import Jet
from tests.support.independent.numbers.ranges import Range
from tests.support.independent.numbers.splitting import Split, Splits, Tag, bare, only

_ONE = Range.of(1)
_ZERO = Fraction(0)


def _beside(value: Any, tag: Tag | None, coefficient: Range) -> Split:
    """A rational number and what is beside it."""
    return Split(fmpq_poly([value]), {} if coefficient.is_zero else {tag: coefficient})


def _decaying(splits: Splits, node: Node, size: Range, multiple: int = 1) -> tuple[Tag, Range]:
    """The factor exp(-multiple*v) of a node with values v >= 0."""
    tag = Tag(node, Fraction(multiple))
    splits.factors[tag] = factor = size.falling(lambda v: (-multiple * v).exp())
    return tag, factor


def _exp(splits: Splits, node: Node, u: Split, order: int) -> Jet:
    inner = splits.range(u)
    if inner.high < -1:
        tag, _ = _decaying(splits, node, -inner)
        value = _beside(0, tag, _ONE)
    elif u.exact.degree() < 0 and inner.most < 0.5:
        value = _beside(1, None, inner.rising(lambda v: v.expm1()))
    else:
        value = bare(inner.rising(lambda v: v.exp()))
    return (value,) * (order + 1)


def _log(splits: Splits, node: Node, u: Split, order: int) -> Jet:
    inner = splits.rest(u) if u.constant == 1 else splits.range(u)
    parts: list[Any] = [bare(inner.rising(lambda v: v.log1p() if u.constant == 1 else v.log()))]
    if order:
        parts.append(splits.over(only(fmpq(1)), u))
    if order > 1:
        parts.append(splits.minus(None, splits.times(parts[1], parts[1])))
    return tuple(parts)


def _sides(splits: Splits, node: Node, u: Split, multiple: int = 1) -> tuple[Split, Split]:
    """1/(1 + exp(-mu)) and 1/(1 + exp(mu)): with e = exp(-m*abs(u)), 1 - e/(1 + e) and e/(1 + e)."""
    inner = splits.range(u)
    if u.is_zero:
        return only(fmpq(1, 2)), only(fmpq(1, 2))
    if inner.low > 1 or inner.high < -1:
        tag, e = _decaying(splits, node, inner.magnitude(), multiple)
        share = (_ONE + e).inverse()
        large, small = _beside(1, tag, -share), _beside(0, tag, share)
        return (large, small) if inner.low > 1 else (small, large)
    m = multiple
    return (
        bare(inner.rising(lambda v: 1 / (1 + (-m * v).exp()))),
        bare(inner.falling(lambda v: 1 / (1 + (m * v).exp()))),
    )


def _sigmoid(splits: Splits, node: Node, u: Split, order: int, multiple: int = 1) -> Jet:
    left, right = _sides(splits, node, u, multiple)
    parts: list[Any] = [left]
    if order:
        parts.append(splits.times(left, right))
    if order > 1:
        parts.append(splits.times(parts[1], splits.minus(right, left)))
    return tuple(parts)


def _log1pexp(splits: Splits, node: Node, u: Split, order: int) -> Jet:
    """log(1 + exp(u)) = max(u, 0) + log(1 + e), e = exp(-abs(u)), where e - e^2/2 <= log(1 + e) <= e."""
    inner = splits.range(u)
    if inner.low > 1 or inner.high < -1:
        tag, e = _decaying(splits, node, inner.magnitude())
        share = e.falling(_log_share)
        above = u if inner.low > 1 else only(fmpq(0))
        value = splits.plus(above, _beside(0, tag, share))
    else:
        value = bare(inner.rising(lambda v: v.exp().log1p()))
    return (value, *_sigmoid(splits, node, u, order - 1)) if order else (value,)


def _log_share(e: Any) -> Any:
    """log(1 + e)/e for 0 < e < 1/2: between 1 - e/2 and 1, which is all that is known of a tiny e."""
    return e.log1p() / e if e > arb(2) ** -30 else (1 - e / 4) + (e / 4) * arb(0, 1)


def _tanh(splits: Splits, node: Node, u: Split, order: int) -> Jet:
    """tanh(u) = 2/(1 + exp(-2u)) - 1, tanh' = 4/((1 + exp(-2u))(1 + exp(2u))), tanh'' = -2 tanh tanh'."""
    inner = splits.range(u)
    left, right = _sides(splits, node, u, 2)
    if u.is_zero:
        value: Split | None = only(fmpq(0))
    elif inner.low > 1 or inner.high < -1:
        value = splits.minus(left, right)
    else:
        value = bare(inner.rising(lambda v: v.tanh()))
    parts: list[Any] = [value]
    if order:
        parts.append(splits.times(only(fmpq(4)), splits.times(left, right)))
    if order > 1:
        parts.append(splits.times(only(fmpq(-2)), splits.times(value, parts[1])))
    return tuple(parts)


def _bell(splits: Splits, node: Node, inner: Range, half: int) -> tuple[Tag, Range]:
    """The factor exp(-v^2/half)."""
    tag = Tag(node, Fraction(1, half), square=True)
    splits.factors[tag] = factor = inner.magnitude().falling(lambda v: (-v * v / half).exp())
    return tag, factor


def _gauss(splits: Splits, node: Node, value: Split, u: Split, order: int, factor: Any, half: int) -> Jet:
    """A value with the derivative factor*exp(-u^2/half) and that one's own."""
    parts: list[Any] = [value]
    if order:
        tag, _ = _bell(splits, node, splits.range(u), half)
        parts.append(_beside(0, tag, Range.of(factor)))
    if order > 1:
        parts.append(splits.times(only(fmpq(-2, half)), splits.times(u, parts[1])))
    return tuple(parts)


def _tail(splits: Splits, node: Node, u: Split, half: int) -> tuple[Tag, Range]:
    """erfc(w) for w = abs(u)*sqrt(2/half) as a factor exp(-u^2/half) and the coefficient erfc(w)exp(w^2).

    The coefficient falls as w grows (Abramowitz and Stegun, 7.1.13, encloses it by two that fall).
    """
    inner = splits.range(u)
    tag, _ = _bell(splits, node, inner, half)
    root = arb(half).sqrt()
    return tag, inner.magnitude().falling(lambda v: _scaled_complement(v / root))


def _scaled_complement(w: Any) -> Any:
    """erfc(w)*exp(w^2), far out between 2/(w + sqrt(w^2 + 2)) and 2/(w + sqrt(w^2 + 4/pi)), over sqrt(pi)."""
    if w < 100:
        return w.erfc() * (w * w).exp()
    ends = [2 / (w + (w * w + c).sqrt()) / arb.pi().sqrt() for c in (arb(2), 4 / arb.pi())]
    return ends[0].union(ends[1])


def _cumulative(
    splits: Splits, node: Node, u: Split, half: int, *, left: int, right: int, middle: Any, divisor: int
) -> Split:
    """A value that tends to the numbers left and right, with erfc/divisor beside them."""
    inner = splits.range(u)
    if inner.low > 1 or inner.high < -1:
        tag, coefficient = _tail(splits, node, u, half)
        share = coefficient * Range.of(arb(1) / divisor)
        positive = inner.low > 1
        end = right if positive else left
        return _beside(end, tag, share if (left < right) != positive else -share)
    image = inner.rising(middle) if left < right else inner.falling(middle)
    return bare(image)


def _erf(splits: Splits, node: Node, u: Split, order: int) -> Jet:
    value = (
        only(fmpq(0))
        if u.is_zero
        else _cumulative(splits, node, u, 1, left=-1, right=1, middle=lambda v: v.erf(), divisor=1)
    )
    return _gauss(splits, node, value, u, order, 2 / arb.pi().sqrt(), 1)


def _erfc(splits: Splits, node: Node, u: Split, order: int) -> Jet:
    value = (
        only(fmpq(1))
        if u.is_zero
        else _cumulative(splits, node, u, 1, left=2, right=0, middle=lambda v: v.erfc(), divisor=1)
    )
    return _gauss(splits, node, value, u, order, -2 / arb.pi().sqrt(), 1)


def _normal(splits: Splits, node: Node, u: Split, order: int) -> Jet:
    """Phi(u) = erfc(-u/sqrt 2)/2."""
    value = (
        only(fmpq(1, 2))
        if u.is_zero
        else _cumulative(splits, node, u, 2, left=0, right=1, middle=_phi, divisor=2)
    )
    return _gauss(splits, node, value, u, order, 1 / (2 * arb.pi()).sqrt(), 2)


def _phi(v: Any) -> Any:
    return (-v / arb(2).sqrt()).erfc() / 2


def _sqrt(splits: Splits, node: Node, u: Split, order: int) -> Jet:
    value, c = bare(splits.range(u).rising(lambda v: v.sqrt())), u.constant
    if c is not None and not u.rest:
        roots = _root(c.p), _root(c.q)
        if None not in roots:
            value = only(fmpq(*roots))
    parts: list[Any] = [value]
    if order:
        parts.append(splits.over(only(fmpq(1, 2)), value))
    if order > 1:
        parts.append(splits.times(only(fmpq(-1, 2)), splits.over(parts[1], u)))
    return tuple(parts)


def _root(value: Any) -> Any:
    """The whole square root, or None."""
    if value < 0:
        return None
    root = value.isqrt()
    return root if root * root == value else None


def _chosen(splits: Splits, a: Split, b: Split, order: int, *, least: bool) -> Jet:
    if order:
        raise ValueError("a choice has no derivative")
    difference = splits.minus(a, b)
    assert difference is not None
    sign = splits.range(difference).sign
    if sign is not None:
        return (a if (sign < 0) == least else b,)
    p, q = splits.range(a), splits.range(b)
    if least:
        return (bare(Range(p.low.min(q.low), p.high.min(q.high))),)
    return (bare(Range(p.low.max(q.low), p.high.max(q.high))),)


def _magnitude(splits: Splits, node: Node, u: Split, order: int) -> Jet:
    if order:
        raise ValueError("a choice has no derivative")
    inner = splits.range(u)
    if inner.sign is None:
        return (bare(inner.magnitude()),)
    return (-u if inner.sign < 0 else u,)


FUNCTIONS: dict[str, Callable[..., Jet]] = {
    "exp": _exp,
    "log": _log,
    "log1pexp": _log1pexp,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "erf": _erf,
    "erfc": _erfc,
    "Phi": _normal,
    "sqrt": _sqrt,
    "min": lambda splits, node, a, b, order: _chosen(splits, a, b, order, least=True),
    "max": lambda splits, node, a, b, order: _chosen(splits, a, b, order, least=False),
    "abs": _magnitude,
}
