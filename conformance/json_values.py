"""Single values of a results document: the types that say how they are written, and their readers.

Each reader raises ValueError with what is wrong.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NewType

import numpy as np

from actcheck.adapters.raised import shortened

#: Floats that matter, as hexadecimal text; numbers of ULP, where only infinity is text; whole numbers from 0
#: on; and the ends of an enclosed error, in ULP.
Hex = NewType("Hex", float)
Ulp = NewType("Ulp", float)
Count = NewType("Count", int)
Ends = NewType("Ends", tuple[float, float])
#: Controls except tab and newline, lone surrogates, and marks that reorder the text around them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
#: No text of a result is worth more room than this.
_LONGEST = 2000
#: Twice as many as there are float64 inputs fit no whole number of a result.
_LARGEST = 1 << 64


def clean(value: str) -> str:
    """Text without control characters and without marks that reorder what surrounds them."""
    return _UNSAFE.sub("\ufffd", value)


def quoted(value: Any) -> str:
    """A wrong value, short enough for a message."""
    shown = clean(json.dumps(value, ensure_ascii=False, default=repr))
    return shortened(shown, 40)


def text(value: Any) -> str:
    """A string, cleaned and cut to a reasonable length."""
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {quoted(value)}")
    return shortened(clean(value), _LONGEST)


def boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {quoted(value)}")
    return value


def whole(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"must be a whole number, not {quoted(value)}")
    if abs(value) > _LARGEST:
        raise ValueError(f"must lie within 64 bits, is {quoted(value)}")
    return value


def count(value: Any) -> int:
    """A whole number that is not negative."""
    if whole(value) < 0:
        raise ValueError(f"must not be negative, is {quoted(value)}")
    return int(value)


def number(value: Any) -> float:
    """A number, or a float in hexadecimal text; not NaN."""
    parsed = real(value)
    if math.isnan(parsed):
        raise ValueError("must not be NaN")
    return parsed


def real(value: Any) -> float:
    """A number or a float in hexadecimal text; inf and nan included."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"must be a number or a hexadecimal float, not {quoted(value)}")
    try:
        return float.fromhex(value) if isinstance(value, str) else float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"must be a number or a hexadecimal float, not {quoted(value)}") from None


def ends(value: Any) -> tuple[float, float]:
    """The two ends of an enclosure, in order."""
    if not isinstance(value, list):
        raise ValueError(f"must be a list, not {quoted(value)}")
    if len(value) != 2:
        raise ValueError(f"must have 2 items, has {len(value)}")
    low, high = map(number, value)
    if low > high:
        raise ValueError(f"the lower end {low} is above the upper end {high}")
    return low, high


def one_of(value: Any, choices: tuple[str, ...]) -> str:
    """One of these words."""
    if value not in choices:
        raise ValueError(f"{quoted(value)} is not one of {', '.join(choices)}")
    return str(value)


def written(value: float) -> float | str:
    """A number as JSON holds it, which has no infinity and no NaN: those are text."""
    return value if math.isfinite(value) else value.hex()


def written_ends(pair: tuple[float, float]) -> list[float | str]:
    """An interval as JSON holds it."""
    return [written(float(end)) for end in pair]


def anything(value: Any) -> Any:
    """Any JSON value, all its text cleaned."""
    match value:
        case str():
            return text(value)
        case list():
            return [anything(item) for item in value]
        case dict():
            return {text(name): anything(item) for name, item in value.items()}
        case _:
            return value


def jsonable(value: Any) -> Any:
    """Any value as JSON holds it: numpy's numbers as Python's, NaN and infinities as text, the rest as words.

    All text is cleaned.
    """
    match value:
        case None | bool() | int() | str():
            return clean(value) if isinstance(value, str) else value
        case float():
            return value if math.isfinite(value) else value.hex()
        case Mapping():
            return {clean(str(name)): jsonable(item) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [jsonable(item) for item in value]
        case np.ndarray():
            return jsonable(value.astype(np.float64).tolist() if value.dtype.kind == "V" else value.tolist())
        case np.generic():
            return jsonable(value.item())
    return clean(repr(value))
