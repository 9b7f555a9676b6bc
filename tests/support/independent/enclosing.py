"""Exact values of a definition at many inputs: for each a float64 and an enclosure of what is missing.

Where x is tiny or far out, what is missing may be a millionth of a millionth of the last bit, yet its sign
decides whether a result next to a tie is right. It is found by Arb at rising precision, by rationals where
the definition is rational, and where no precision would do by `splitting`, for intervals of inputs at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, fmpq
from numpy.typing import NDArray

from actcheck.reference.expressions.tree import Node
from tests.support.independent.differentiating import read
from tests.support.independent.numbers.columns import Columns, rational
from tests.support.independent.numbers.enclosures import HUGE, SPECK, TINY, Enclosure, Floats, ends_of, parts
from tests.support.independent.numbers.ranges import Range, precision
from tests.support.independent.numbers.splitting import Split, Splits
from tests.support.independent.trees import is_rational

#: Bits to which what is missing must be known.
_BITS = 45
#: A rest this small beside the exact part is known well enough by its sign.
_NEGLIGIBLE = arb(2) ** -70
_MOST_BITS = 1 << 18


def enclose(node: Node, order: int, x: Floats) -> Enclosure:
    """The order-th derivative of a tree (see `trees.readable`) at finite inputs."""
    found = Enclosure.empty(len(x))
    rising = np.argsort(x, kind="stable")
    for part in _together(node, order, x, rising, found, max(64, len(x) >> 8)):
        _one_by_one(node, order, x, part, found)
    return found


def _together(
    node: Node, order: int, x: Floats, at: NDArray[np.int64], found: Enclosure, least: int
) -> list[NDArray[np.int64]]:
    """Settle intervals of inputs far out at once; the inputs that are left, in runs."""
    left: list[NDArray[np.int64]] = []
    stack = [at]
    while stack:
        part = stack.pop()
        if not len(part) or _settled(node, order, x, part, found):
            continue
        if len(part) <= least:
            left.append(part)
        else:
            stack += [part[len(part) // 2 :], part[: len(part) // 2]]
    return [np.concatenate(left)] if left else []


def _settled(node: Node, order: int, x: Floats, at: NDArray[np.int64], found: Enclosure) -> bool:
    low, high = float(x[at[0]]), float(x[at[-1]])
    with precision(128):
        splits = Splits(low, high)
        try:
            value = read(node, splits, order)[order]
        except (ZeroDivisionError, ValueError):
            return False
        if value is None or value.is_zero:
            found.put(at, 0.0, 0.0, 0.0)
            return True
        exact, rest = splits.exact(value), splits.rest(value)
        return _entered(value, exact, rest, x, at, found)


def _entered(
    value: Split, exact: Range, rest: Range, x: Floats, at: NDArray[np.int64], found: Enclosure
) -> bool:
    """Enter a value whose rest is negligible, tiny or huge on the whole interval."""
    whole = exact + rest
    if whole.low > arb(HUGE) or whole.high < -arb(HUGE):
        found.put(at, HUGE if whole.low > 0 else -HUGE, 0.0, 0.0)
        return True
    sign = rest.sign
    if sign is None:
        return False
    if value.exact.degree() < 0:
        if not rest.most < arb(TINY):
            return False
        found.put(at, 0.0, *ends_of(rest, sign))
        return True
    if exact.sign is None or not rest.most < _NEGLIGIBLE * exact.magnitude().low:
        return False
    main, missing = _exactly(value.exact, x[at])
    low, high = ends_of(rest, sign)
    # What the exact part itself leaves is a float up to its last bit, or 0: it outweighs the rest.
    slack = np.abs(missing) * 2.0**-50
    found.put(
        at,
        main,
        np.where(missing == 0, low, missing - slack),
        np.where(missing == 0, high, missing + slack),
    )
    return True


def _exactly(polynomial: Any, x: Floats) -> tuple[Floats, Floats]:
    """The polynomial in float64, and what is missing, up to its own rounding."""
    coefficients = polynomial.coeffs()
    if len(coefficients) == 1:
        main, missing = parts(coefficients[0])
        return np.full(len(x), main), np.full(len(x), missing)
    if len(coefficients) == 2 and coefficients[0] == 0 and abs(coefficients[1]) == 1:
        return x * float(int(coefficients[1].p)), np.zeros(len(x))
    pairs = [parts(polynomial(rational(v))) for v in x.tolist()]
    return np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])


def _one_by_one(node: Node, order: int, x: Floats, at: NDArray[np.int64], found: Enclosure) -> None:
    """Each input by itself, many at a time, at a precision that suits its size."""
    exponent = np.frexp(np.where(x[at] == 0, 1.0, x[at]))[1]
    for bits, chosen in _by_precision(at, exponent):
        missed = _in_balls(node, order, x, chosen, bits, found)
        if is_rational(node):
            _in_rationals(node, order, x, missed, found)
            continue
        if len(missed):
            missed = _in_balls(node, order, x, missed, 4 * bits, found)
        for index in missed.tolist():
            _alone(node, order, x, index, found)


def _by_precision(at: NDArray[np.int64], exponent: Any) -> list[tuple[int, NDArray[np.int64]]]:
    """Near zero terms differ by powers of x: twice the bits of its exponent tell two of them apart."""
    steps = np.maximum(0, -exponent + 31) // 32
    return [(128 + 64 * int(k), at[steps == k]) for k in np.unique(steps)]


def _in_balls(
    node: Node, order: int, x: Floats, at: NDArray[np.int64], bits: int, found: Enclosure
) -> NDArray[np.int64]:
    """Enter what this precision settles; the inputs that it does not."""
    with precision(bits), np.errstate(invalid="ignore"):
        value = read(node, Columns(x[at].tolist()), order)[order]
        if value is None:
            found.put(at, 0.0, 0.0, 0.0)
            return at[:0]
        balls = value if isinstance(value, list) else [value] * len(at)
        main = np.array([float(v) for v in balls])
        plain = (np.abs(main) < HUGE) & ((np.abs(main) > TINY) | (main == 0))
        odd = np.flatnonzero(~plain | (main == 0))
        apart = [v - h for v, h in zip(balls, np.where(plain, main, 0.0).tolist(), strict=True)]
        known = np.array([v.rel_accuracy_bits() for v in apart]) >= _BITS
        rest = np.array([float(v) for v in apart])
        zero = known & (rest == 0)
        zero[zero] = [apart[i].is_zero() for i in np.flatnonzero(zero).tolist()]
        rest = np.where(known & ~zero & (np.abs(rest) < SPECK), _specks(apart, known & ~zero, rest), rest)
        slack = np.where(np.abs(rest) <= SPECK, 0.0, np.abs(rest) * 2.0 ** (1 - _BITS))
        good = known & plain
        found.put(at[good], main[good], (rest - slack)[good], (rest + slack)[good])
        for i in odd.tolist():
            known[i] = _entered_odd(balls[i], int(at[i]), found)
        left: NDArray[np.int64] = at[~(known & plain | np.isin(np.arange(len(at)), odd[known[odd]]))]
        return left


def _specks(apart: list[Any], where: NDArray[np.bool_], rest: Floats) -> Floats:
    signs = np.zeros(len(apart))
    for i in np.flatnonzero(where & (np.abs(rest) < SPECK)).tolist():
        signs[i] = 1.0 if apart[i] > 0 else -1.0
    return signs * SPECK


def _entered_odd(ball: Any, at: int, found: Enclosure) -> bool:
    """Enter a value too large or too small for its float64 to mean something."""
    range_ = Range.of(ball)
    if ball.abs_lower() > arb(HUGE):
        found.put(at, HUGE if ball > 0 else -HUGE, 0.0, 0.0)
        return True
    sign = range_.sign
    if sign is None or not range_.most < arb(TINY):
        return False
    found.put(at, 0.0, *ends_of(range_, sign))
    return True


def _in_rationals(node: Node, order: int, x: Floats, at: NDArray[np.int64], found: Enclosure) -> None:
    """Values that are rational, exactly."""
    if not len(at):
        return
    value = read(node, Columns(x[at].tolist(), exact=True), order)[order]
    values = value if isinstance(value, list) else [fmpq(0) if value is None else value] * len(at)
    pairs = [parts(v) for v in values]
    missing = np.array([p[1] for p in pairs])
    slack = np.abs(missing) * 2.0**-50
    found.put(at, [p[0] for p in pairs], missing - slack, missing + slack)


def _alone(node: Node, order: int, x: Floats, index: int, found: Enclosure) -> None:
    """One input at rising precision, its exact part kept apart. Raises ArithmeticError if nothing helps."""
    point, bits = float(x[index]), 256
    while bits <= _MOST_BITS:
        with precision(bits):
            splits = Splits(point, point)
            value = read(node, splits, order)[order]
            if value is None or _entered_alone(value, splits, index, found):
                if value is None:
                    found.put(index, 0.0, 0.0, 0.0)
                return
        bits *= 4
    raise ArithmeticError(f"no enclosure at {point.hex()}")


def _entered_alone(value: Split, splits: Splits, index: int, found: Enclosure) -> bool:
    exact, rest = value.constant, splits.rest(value)
    assert exact is not None
    if rest.is_zero:
        main, left = parts(exact)
        slack = abs(left) * 2.0**-50
        found.put(index, main, left - slack, left + slack)
        return True
    whole = Range.of(arb(exact)) + rest
    if not (whole.low.is_finite() and whole.high.is_finite()):
        return False
    if (exact == 0 and rest.most < arb(TINY)) or whole.magnitude().low > arb(HUGE):
        return _entered_odd(whole.low.union(whole.high), index, found)
    main = float(whole.low)
    if not TINY < abs(main) < HUGE:
        return False
    apart = exact - rational(main)
    # The exact part that main leaves, if any, and the rest beside it.
    missing = rest if apart == 0 else Range.of(arb(apart)) + rest
    sign = missing.sign
    if sign is None or (missing.low != missing.high and not _narrow(missing)):
        return False
    found.put(index, main, *ends_of(missing, sign))
    return True


def _narrow(missing: Range) -> bool:
    width = (missing.high - missing.low).abs_upper() + missing.low.rad() + missing.high.rad()
    return bool(width < missing.most * arb(2) ** -_BITS)
