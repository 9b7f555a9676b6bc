"""mpmath's word on results of a normalizing activation: another reading of the trees than Arb's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from actcheck.reference.evaluation.mp import to_fraction, to_mpf
from actcheck.reference.expressions.tree import ARITHMETIC, Binary, Call, Negate, Node, Number, Power, Symbol
from actcheck.reference.judging.pointwise import ReferenceDisagreementError
from actcheck.reference.judging.sums.bounds import Sums
from actcheck.reference.specification.normalizing import Normalized

Doubles = NDArray[np.float64]
Number_ = Any  # one of mpmath's
#: Bits of a working precision; more where the value may be what is left of a cancellation.
_BITS, _MOST_BITS = 1600, 5600
#: How far mpmath may be from what Arb says, beside S and the value.
_AGREEMENT = Fraction(1, 2**96)
_FAR = 3000

_FUNCTIONS: Mapping[str, Callable[[Number_], Number_]] = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "sqrt": mpmath.sqrt,
    "sigmoid": lambda u: 1 / (1 + mpmath.exp(-u)),
    "Phi": mpmath.ncdf,
}


def confirm(
    normalized: Normalized, sums: Sums, at: tuple[int, ...], dim: int, x: Doubles, upstream: Doubles | None
) -> None:
    """Compare one result of an array with mpmath's. Raises ReferenceDisagreementError."""
    main, rest = float(sums.exact.main[at]), float(sums.exact.rest[at])
    if not (np.isfinite(main) and np.isfinite(x[at])):
        return  # limits, which no arithmetic gives
    row = tuple(slice(None) if axis == dim % x.ndim else place for axis, place in enumerate(at))
    sent = None if upstream is None else upstream[row]
    for bits in (_BITS, _MOST_BITS):
        with mpmath.workprec(bits):
            value = to_fraction(result(normalized, x[row], at[dim % x.ndim], sent))
        off = abs(Fraction(main) + Fraction(rest) - value)
        if off <= _AGREEMENT * abs(value) + Fraction(1, 2**1074):
            return
    if upstream is None or off > _AGREEMENT * Fraction(float(sums.size[at])):
        raise ReferenceDisagreementError(
            f"a normalizing definition at {list(at)}: mpmath says {float(value)!r}, Arb {main!r}; "
            "please report this, no backend is at fault"
        )


def result(normalized: Normalized, x: Doubles, at: int, upstream: Doubles | None = None) -> Number_:
    """The function at one element of a row, or the gradient there, at mpmath's working precision."""
    # At an infinite element the term is 0, and so is what the sum of all gets from there.
    finite = np.isfinite(x)
    elements = [mpmath.mpf(v) for v in x[finite].tolist()]
    total = mpmath.fsum(read(normalized.term, {"x": v}) for v in elements)
    own = {"x": mpmath.mpf(x[at].item()), "sum": total}
    if upstream is None:
        return read(normalized.value, own)
    back = mpmath.fsum(
        u * read(normalized.by_total, {"x": _element(v), "sum": total})
        for v, u in zip(x.tolist(), upstream.tolist(), strict=True)
    )
    return upstream[at].item() * read(normalized.by_x, own) + read(normalized.term_slope, own) * back


def read(node: Node, values: Mapping[str, Number_]) -> Number_:
    """The value of a tree."""
    match node:
        case Number(value):
            return to_mpf(value)
        case Symbol("pi"):
            return +mpmath.pi
        case Symbol(name):
            return values[name]
        case Negate(operand):
            return -read(operand, values)
        case Power(base, exponent):
            return read(base, values) ** exponent
        case Binary(operator, left, right):
            return ARITHMETIC[operator](read(left, values), read(right, values))
        case Call(function, arguments):
            return _FUNCTIONS[function](read(arguments[0], values))
    raise ValueError(f"{node!r} has no value")


def _element(value: float) -> Number_:
    return mpmath.mpf(value) if np.isfinite(value) else mpmath.ldexp(1 if value > 0 else -1, _FAR)
