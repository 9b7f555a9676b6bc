"""Numbers as people read them in messages and tables."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from actcheck.reference.formats import Format
from actcheck.reference.judging.verdict import KeyRange

#: Stands before a maximum that is the largest of sampled inputs: of all inputs there may be a larger one.
SEEN = "~"


def both(value: float) -> str:
    """A float in hexadecimal and decimal: ``0x1.8000000000000p-1 (0.75)``, zeros of the hex trimmed."""
    return f"{hexadecimal(value)} ({value:.9g})" if math.isfinite(value) else str(value)


def hexadecimal(value: float) -> str:
    """``float.hex`` without trailing zeros."""
    text = value.hex()
    if "p" not in text:
        return text
    mantissa, exponent = text.split("p")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}p{exponent}"


def ulp(value: float) -> str:
    """An error or a budget, rounded up: three digits, thousands as 1.2e+04."""
    return above(value, 3) if value <= 9990 else with_exponent(value, 2)


def with_exponent(value: float, digits: int) -> str:
    """The smallest decimal of so many digits that is no less than a number: 1.2e+04."""
    text = above(value, digits)
    # Beyond the largest float it has an exponent already.
    return f"{float(text):.{digits - 1}e}" if math.isfinite(float(text)) else text


def above(value: float, digits: int) -> str:
    """The smallest decimal of so many digits that is no less than a number, as ``g`` writes it."""
    return _directed(value, digits, ROUND_CEILING)


def below(value: float, digits: int) -> str:
    """The largest decimal of so many digits that is no more than a number."""
    return _directed(value, digits, ROUND_FLOOR)


def _directed(value: float, digits: int, rounding: str) -> str:
    if not math.isfinite(value):
        return str(value)
    # Decimal(value) is exact. At most 15 digits survive the way through a float unchanged.
    rounded = Context(prec=digits, rounding=rounding).plus(Decimal(value))
    # A subnormal float has not so many digits, and beyond the largest float there is none.
    if 0 < abs(value) < sys.float_info.min or abs(rounded) > Decimal(sys.float_info.max):
        return f"{rounded.normalize():.{digits}g}"
    return f"{float(rounded):.{digits}g}"


def enclosure(low: float, high: float, digits: int = 9) -> str:
    """An interval that holds what it is made of: its ends are rounded away from each other."""
    return f"between {below(low, digits)} and {above(high, digits)}"


def ranges(pairs: Sequence[tuple[float, float]], most: int = 3) -> str:
    """``[-inf, -6.5], [3, 4] and 2 ranges more``."""
    shown = ", ".join(_range(low, high) for low, high in pairs[:most])
    more = len(pairs) - most
    return f"{shown} and {count(more, 'range')} more" if more > 0 else shown


def _range(low: float, high: float) -> str:
    # -0 and 0 are equal, and still two inputs.
    one = math.isnan(low) or (low == high and math.copysign(1, low) == math.copysign(1, high))
    return f"{low:.6g}" if one else f"[{low:.6g}, {high:.6g}]"


def count(number: int, noun: str) -> str:
    """``1 input``, ``1,024 inputs``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def spans(form: Format, runs: Iterable[KeyRange]) -> tuple[tuple[float, float], ...]:
    """Runs of keys as closed ranges of floats in increasing order; NaNs are (nan, nan), last."""
    least, most = -form.infinity_key - 1, form.infinity_key
    runs = list(runs)
    numbers = [(max(low, least), min(high, most)) for low, high in runs if low <= most and high >= least]
    found = [(form.value(low), form.value(high)) for low, high in numbers]
    has_nan = any(low < least or high > most for low, high in runs)
    return (*found, *([(math.nan, math.nan)] if has_nan else []))
