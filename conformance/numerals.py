"""Numbers as people read them in messages and tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from actcheck.reference.formats import Format
from actcheck.reference.verdict import KeyRange


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
    """An error or a budget: three digits, thousands as 1.2e+04."""
    return f"{value:.3g}" if value < 9999.5 else f"{value:.1e}"


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
