"""Numbers as a person reads them: short, and never more exact than they are."""

from __future__ import annotations

import math


def ulp(value: float) -> str:
    """An error in ULP, at most four digits; what lies below 1 never reads as 1."""
    if math.isinf(value):
        return "∞"
    if value == 0 or value < 0.005:
        return "<0.01" if value else "0"
    if value >= 99999.5:
        return power(value)
    digits = 2 if value < 10 else 1 if value < 100 else 0
    shown = f"{value:,.{digits}f}"
    return "0.99+" if value < 1 and shown == "1.00" else shown


def power(value: float) -> str:
    """A large number as a mantissa and an exponent of ten: 1.3e9."""
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def interval(ends: tuple[float, float]) -> str:
    """An enclosed maximum: one number where both ends read the same."""
    low, high = (ulp(end) for end in ends)
    return high if low == high else f"{low} to {high}"


def whole(value: int) -> str:
    """A count with separators: 1,073,741,824."""
    return f"{value:,}"


def decimal(value: float) -> str:
    """A float in decimal, with as many digits as tell it apart."""
    return repr(value).removesuffix(".0").replace("e+", "e")
