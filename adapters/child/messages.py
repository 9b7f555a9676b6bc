"""The messages of the protocol: lines of JSON, held to ``messages.schema.json``, and arrays as bytes."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from actcheck.adapters.child.texts import shown
from actcheck.adapters.raised import printable, shortened
from actcheck.adapters.values import Array, Parameters

#: The version of the protocol that this speaks.
PROTOCOL = 1
SCHEMA = Path(__file__).with_name("messages.schema.json")
#: No extent of an array is larger: so many bytes are the addresses of a processor.
_LONGEST = 1 << 48
REPLIES = ("ok", "unsupported", "refused", "error")


class MessageError(ValueError):
    """A line that is no message; the text goes on after "it"."""


def greeting() -> bytes:
    """What a program is told first."""
    return _line({"message": "hello", "protocol": PROTOCOL})


def call(
    number: int, quantity: str, activation: str, parameters: Parameters, arrays: Mapping[str, Array]
) -> tuple[bytes, list[Array]]:
    """The line of a call, and the arrays whose bytes follow it, those among the parameters at the end."""
    of_parameters = {n: value for n, value in parameters.items() if isinstance(value, np.ndarray)}
    given = {**arrays, **of_parameters}
    line = {
        "message": "call",
        "id": number,
        "quantity": quantity,
        "activation": activation,
        "parameters": {n: plain(value) for n, value in parameters.items() if n not in of_parameters},
        "arrays": [{"name": n, "format": str(a.dtype), "shape": list(a.shape)} for n, a in given.items()],
    }
    return _line(line), [_as_sent(array) for array in given.values()]


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, allow_nan=False).encode() + b"\n"


def plain(value: Any) -> Any:
    """A parameter's value as JSON holds it: numbers that are not finite are text."""
    value = value.item() if isinstance(value, np.generic) else value
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _as_sent(array: Array) -> Array:
    """The array in C order and little-endian; itself where it is."""
    made = np.ascontiguousarray(array)
    return made if sys.byteorder == "little" else made.byteswap()


def as_read(array: Array) -> Array:
    """An array whose little-endian bytes were read into it, with its values."""
    return array if sys.byteorder == "little" else array.byteswap()


def room(format_name: str, shape: Sequence[int]) -> Array:
    """An array to read a result's bytes into. Raises MessageError where there is no such array."""
    try:
        return np.empty(tuple(shape), _dtype(format_name))
    except ValueError as error:
        told = f"{format_name} of shape {shape}"
        raise MessageError(f"announced {told[:100]}, which is no array ({error})") from None


def size(format_name: str, shape: Sequence[int]) -> int:
    """The bytes of an array. Raises MessageError for extents that no array has."""
    if not all(isinstance(extent, int) and extent <= _LONGEST for extent in shape):
        told = shortened(str(shape), 100)
        raise MessageError(
            f"announced a result of shape {told}, whose extents are no whole numbers up to 2^48"
        )
    return math.prod(shape) * _dtype(format_name).itemsize


def _dtype(format_name: str) -> np.dtype[Any]:
    return np.dtype(getattr(ml_dtypes, format_name, format_name))


def _no_constant(name: str) -> None:
    """NaN and infinities, which JSON knows not."""
    raise ValueError(name)


def bytes_of(array: Array) -> memoryview:
    """The memory of an array in C order."""
    return array.reshape(-1).view(np.uint8).data


def parsed(line: bytes, expected: Sequence[str]) -> dict[str, Any]:
    """The message that a program wrote, which is one of those expected. Raises MessageError."""
    try:
        message = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict) or "message" not in message:
        raise MessageError(
            f"wrote to its standard output what is no message: {shown(line)}; nothing but replies may be "
            "written there (all else belongs to standard error)"
        )
    if message["message"] not in expected:
        named = ", ".join(expected)
        raise MessageError(f"wrote the message {shown(str(message['message']).encode())}, expected {named}")
    fault = best_match(_validator(message["message"]).iter_errors(message))
    if fault is not None:
        where = shortened(printable(".".join(map(str, fault.absolute_path))), 100)
        told = shortened(printable(fault.message), 200)
        raise MessageError(f"wrote a bad message {message['message']}: {where + ': ' if where else ''}{told}")
    return message


@cache
def _validator(name: str) -> Draft202012Validator:
    """That of a message from a program."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    del schema["oneOf"]
    return Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"})
