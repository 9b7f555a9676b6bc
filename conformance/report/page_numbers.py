"""Numbers as a person reads them: short, and never more exact than they are."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from actcheck.conformance.numerals import above, below


def ulp(value: float) -> str:
    """An error in ULP, rounded up to at most four digits; what lies below 1 never reads as 1."""
    if math.isinf(value):
        return "∞"
    if value == 0 or value < 0.005:
        return "<0.01" if value else "0"
    if value > 99999:
        return power(value)
    shown = f"{_directed(value, ROUND_CEILING):,}"
    return "0.99+" if value < 1 and shown == "1.00" else shown


def _directed(value: float, rounding: str) -> Decimal:
    """The next decimal above or below, with the places that an error of this size is shown with."""
    places = 2 if value < 10 else 1 if value < 100 else 0
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding)


def power(value: float) -> str:
    """A large number, rounded up, as a mantissa and an exponent of ten: 1.3e9."""
    mantissa, _, exponent = above(value, 2).partition("e")
    return f"{float(mantissa):.1f}e{int(exponent)}"


def interval(ends: tuple[float, float]) -> str:
    """An enclosed maximum: its upper end where both round up alike, else both, rounded apart."""
    low, high = ends
    if ulp(low) == ulp(high):
        return ulp(high)
    return f"{_lower(low)} to {ulp(high)}"


def _lower(value: float) -> str:
    """The lower end of an interval, rounded down."""
    if 0.005 <= value <= 99999:
        return f"{_directed(value, ROUND_FLOOR):,}"
    return ulp(value) if value < 0.005 else below(value, 2).replace("e+", "e")


def whole(value: int) -> str:
    """A count with separators: 1,073,741,824."""
    return f"{value:,}"


def decimal(value: float) -> str:
    """A float in decimal, with as many digits as tell it apart."""
    return repr(value).removesuffix(".0").replace("e+", "e")
