"""Readers of single values from a results document; each raises ValueError with what is wrong."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

Reader = Callable[[Any], Any]
#: Controls except tab and newline, lone surrogates, and marks that reorder the text around them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
#: No text of a result is worth more room than this.
_LONGEST = 2000


def clean(value: str) -> str:
    """Text without control characters and without marks that reorder what surrounds them."""
    return _UNSAFE.sub("\ufffd", value)


def quoted(value: Any) -> str:
    """A wrong value, short enough for a message."""
    shown = clean(json.dumps(value, ensure_ascii=False, default=repr))
    return shown if len(shown) <= 40 else f"{shown[:40]}..."


def text(value: Any) -> str:
    """A string, cleaned and cut to a reasonable length."""
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {quoted(value)}")
    shown = clean(value)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


def boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {quoted(value)}")
    return value


def whole(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"must be a whole number, not {quoted(value)}")
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


def one_of(*choices: str) -> Reader:
    """A reader of one of these words."""

    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"{quoted(value)} is not one of {', '.join(choices)}")
        return str(value)

    return read


def list_of(reader: Reader, length: int | None = None) -> Reader:
    """A reader of a list, of this length if one is given."""

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError(f"must be a list, not {quoted(value)}")
        if length is not None and len(value) != length:
            raise ValueError(f"must have {length} items, has {len(value)}")
        return tuple(reader(item) for item in value)

    return read


def table_of(reader: Reader) -> Reader:
    """A reader of an object whose values are alike."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(f"must be an object, not {quoted(value)}")
        return {text(name): reader(item) for name, item in value.items()}

    return read


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
