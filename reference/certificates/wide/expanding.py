"""Taylor polynomials in double-double from Arb power series, and their proven radii."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from flint import arb

from actcheck.reference.certificates.wide.proving import SLACK, radius, upper
from actcheck.reference.certificates.wide.segment import DEGREE, LEAST_SCALE, MOST_SCALE, Taylor
from actcheck.reference.evaluation import balls
from actcheck.reference.expressions.tree import Node

Ball = Any  # flint.arb
#: Working precision of coefficients; where they cancel, four times as much, and so on up to the last.
BITS, MOST_BITS = 256, 4096
#: About 0, where f may vanish to a third power at 2^-1074.
BITS_AT_ZERO = 4096
#: The highest power of x that is taken out about 0.
HIGHEST = 3
#: The radius that is aimed at, relative to the largest value, and what the omitted terms may have of it.
AIM, OMITTED = 2.0**-100, 2.0**-107
#: Terms below this share of all are dropped, below the other they have no low part.
_DROPPED, _PLAIN = 2.0**-110, 2.0**-57


def derived(series: Sequence[Ball], order: int) -> list[Ball]:
    """Coefficients of the order-th derivative from those of the function."""
    found = list(series)
    for _ in range(order):
        found = [c * (k + 1) for k, c in enumerate(found[1:])]
    return found


def power_of_two(exponent: int) -> Ball:
    """2^exponent, exactly."""
    return arb(2) ** exponent


def coefficients(node: Node, order: int, about: Ball, length: int, bits: int) -> list[Ball]:
    """Enclosures of the Taylor coefficients of the order-th derivative about a ball."""
    with balls.precision(bits, length + order):
        return derived(balls.expansion(node, about, length + order), order)


def accuracy(node: Node, order: int, x: float) -> float:
    """How many bits of the value at x are known where `BITS` are computed with."""
    value = coefficients(node, order, arb(x), 1, BITS)[0]
    return float(value.rel_accuracy_bits()) if value.is_finite() else -math.inf


@dataclass(frozen=True)
class Expansion:
    """Enclosures of Taylor coefficients about a float, and the precision with which they were found."""

    exact: list[Ball]
    bits: int


def exact_coefficients(node: Node, order: int, centre: float, first: int = 0) -> Expansion | None:
    """Those about one float, ``first`` more of them; None where Arb's precision does not suffice."""
    bits = BITS if centre else BITS_AT_ZERO
    while bits <= MOST_BITS:
        found = coefficients(node, order, arb(centre), DEGREE + 1 + first, bits)
        if all(c.is_finite() for c in found) and (not centre or _known(found, bits)):
            return Expansion(found, bits)
        bits *= 4
    return None


def _known(found: Sequence[Ball], bits: int) -> bool:
    """Whether the first coefficients are known well; what seems to be 0 to the last is taken for 0."""
    return all(
        c.rad() <= abs(c.mid()) * 2.0**-128 or (bits == MOST_BITS and c.rad() < 2.0**-1300) for c in found[:2]
    )


def scaled(balls_: Sequence[Ball], width: int, scale: int) -> list[Ball]:
    """The coefficients of 2^scale * f in t = (x - centre) * 2^-width."""
    with balls.precision(2 * MOST_BITS, 1):  # a product with a power of two keeps every bit
        return [c * power_of_two(width * k + scale) for k, c in enumerate(balls_)]


def rounded(exact: Sequence[Ball], reach: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Coefficients as pairs of float64: as many terms and as many low parts as abs(t) <= reach needs."""
    sizes = [upper(c) for c in exact]
    tails, total = [0.0] * (len(sizes) + 1), 0.0
    for k in reversed(range(len(sizes))):
        total += sizes[k] * reach**k
        tails[k] = total
    terms = next(k for k in range(1, len(tails)) if k == len(sizes) or tails[k] <= _DROPPED * total)
    pairs = next(k for k in range(1, terms + 1) if k == terms or tails[k] <= _PLAIN * total)
    with balls.precision(BITS, 1):
        main = tuple(float(c.mid()) for c in exact[:terms])
        low = tuple(float((c - m).mid()) for c, m in zip(exact[:pairs], main, strict=False))
    return main, low


def missing(exact: Sequence[Ball], taylor: Taylor) -> list[float]:
    """Bounds of what each coefficient of a polynomial lacks."""
    found: list[float] = []
    with balls.precision(BITS_AT_ZERO if taylor.centre == 0 else 2 * BITS, 1):
        for k, c in enumerate(exact):
            given = arb(taylor.main[k]) if k < len(taylor.main) else arb(0)
            given += arb(taylor.rest[k]) if k < len(taylor.rest) else arb(0)
            found.append(upper(c - given))
    return found


def proven(
    node: Node, order: int, ends: tuple[float, float], taylor: Taylor, known: Expansion
) -> tuple[float, float]:
    """The radius of a polynomial for all x between the ends, and what the remainder has of it.

    ``known`` are the Taylor coefficients of f about its centre, ``DEGREE + 1 + power`` of them.
    """
    m, c, exact = taylor.power, taylor.centre, known.exact
    low, high = (min(ends[0], 0.0), max(ends[1], 0.0)) if c == 0 else ends
    # Both differences are exact (see `Taylor`), and so is their scaling.
    reach = math.ldexp(max(abs(low - c), abs(high - c)), -taylor.width)
    if not (reach <= 1 and len(taylor.main) <= DEGREE + 1 and _admissible(ends, taylor)):
        return math.inf, math.inf
    scale = taylor.scale - m * taylor.shift
    # Lagrange's remainder: the first omitted coefficient somewhere between the centre and x.
    last = coefficients(node, order, balls.hull(low, high), DEGREE + 2 + m, known.bits if c else 4 * BITS)
    remainder = upper(last[DEGREE + 1 + m] * power_of_two(taylor.width * (DEGREE + 1) + scale))
    lacking = [*missing(scaled(exact[m : m + DEGREE + 1], taylor.width, scale), taylor), remainder]
    below = 0.0
    if m:
        # c_j x^j = x^m c_j / x^(m - j), the largest where x is smallest.
        nearest = arb(min(abs(ends[0]), abs(ends[1])))
        below = sum(upper(exact[j] / nearest ** (m - j) * power_of_two(scale)) for j in range(m)) * SLACK
    return radius(taylor, lacking, below, reach), remainder * reach ** (DEGREE + 1)


def _admissible(ends: tuple[float, float], taylor: Taylor) -> bool:
    """Whether the evaluation has no rounding and no range but those that are counted."""
    c, near, far = abs(taylor.centre), min(map(abs, ends)), max(map(abs, ends))
    # Sterbenz: x - c is exact for c/2 <= x <= 2c; the halves are exact for what is not subnormal.
    exact = c == 0 or (2 * near >= c and far / 2 <= c and (taylor.centre > 0) == (ends[0] > 0))
    steps = [taylor.power * (math.frexp(x)[1] + taylor.shift) for x in (near, far)] if taylor.power else [0]
    inside = min(steps) >= -450 and max(steps) <= 450
    finite = all(map(math.isfinite, (*taylor.main, *taylor.rest)))
    return exact and inside and finite and LEAST_SCALE <= taylor.scale <= MOST_SCALE


def about_centre(
    node: Node, order: int, ends: tuple[float, float], centre: float
) -> tuple[Taylor, float, float] | None:
    """The polynomial about a float between the ends, its radius and the remainder's share, both relative."""
    known = exact_coefficients(node, order, centre)
    if known is None:
        return None
    width = math.frexp(max(ends[1] - centre, centre - ends[0], 2.0**-1000))[1]
    return _made(node, order, ends, centre, width, 0, 0, known)


def about_zero(
    node: Node, order: int, ends: tuple[float, float], power: int, known: Expansion
) -> tuple[Taylor, float, float] | None:
    """The same about 0, with x^power taken out."""
    far, near = max(map(abs, ends)), min(map(abs, ends))
    width = max(math.frexp(far)[1], -1000)
    middle = (math.frexp(far)[1] + math.frexp(near)[1]) // 2
    return _made(node, order, ends, 0.0, width, power, -middle if power else 0, known)


def reproved(node: Node, order: int, ends: tuple[float, float], taylor: Taylor) -> float:
    """The radius that is proven of a polynomial, however it came about."""
    known = exact_coefficients(node, order, taylor.centre, first=0 if taylor.centre else HIGHEST)
    return proven(node, order, ends, taylor, known)[0] if known else math.inf


def _made(
    node: Node,
    order: int,
    ends: tuple[float, float],
    centre: float,
    width: int,
    power: int,
    shift: int,
    known: Expansion,
) -> tuple[Taylor, float, float] | None:
    exact = known.exact[: power + DEGREE + 1]
    far = math.ldexp(max(abs(e - centre) for e in ends), -width)
    total = sum(
        (abs(c).upper() * power_of_two(width * k) * far**k for k, c in enumerate(exact[power:])), arb(0)
    )
    if not total.is_finite() or not total > 0:
        return None
    exponent = _exponent(total)
    scale = min(max(power * shift - exponent, LEAST_SCALE), MOST_SCALE)
    main, rest = rounded(scaled(exact[power:], width, scale - power * shift), far)
    taylor = Taylor(centre, width, power, shift, scale, main, rest, 0.0)
    size, share = proven(node, order, ends, taylor, known)
    weight = float((total * power_of_two(scale - power * shift)).upper())
    if not weight > 0:
        return None
    return msgspec.structs.replace(taylor, radius=size), size / (1.0 if power else weight), share / weight


def _exponent(size: Ball) -> int:
    mantissa, exponent = size.mid().man_exp()
    return int(exponent) + int(mantissa).bit_length()
