"""The optional methods of adapters, each asked once: the type and form of what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from actcheck.adapters.base import (
    Adapter,
    Array,
    DoubleBackward,
    InPlace,
    InPlaceSlice,
    Parameters,
    Unsupported,
)
from actcheck.conformance.backends.asker import UnansweredError, UnsupportedError, formed

#: An adapter, an activation, x, an upstream of ones and parameters, to what is wrong.
Asked = Callable[[Adapter, str, Array, Array, Parameters], str]


def _in_place(adapter: Adapter, name: str, x: Array, ones: Array, parameters: Parameters) -> str:
    return _of_type(adapter.in_place(name, x, ones, parameters), InPlace)


def _in_place_slice(adapter: Adapter, name: str, x: Array, ones: Array, parameters: Parameters) -> str:
    return _of_type(adapter.in_place_slice(name, x, (slice(1, 3),), ones, parameters), InPlaceSlice)


def _jvp(adapter: Adapter, name: str, x: Array, ones: Array, parameters: Parameters) -> str:
    return _formed(x, adapter.jvp(name, x, ones, parameters))


def _double_backward(adapter: Adapter, name: str, x: Array, ones: Array, parameters: Parameters) -> str:
    found = adapter.double_backward(name, x, ones, ones.copy(), parameters)
    if not isinstance(found, DoubleBackward):
        return _of_type(found, DoubleBackward)
    return "; ".join(filter(None, (_formed(x, found.input), _formed(x, found.upstream))))


def _recorded(adapter: Adapter, name: str, x: Array, _: Array, parameters: Parameters) -> str:
    return _formed(x, adapter.recorded(name, x, parameters))


def _write_out(adapter: Adapter, name: str, x: Array, ones: Array, parameters: Parameters) -> str:
    return _formed(x, adapter.write_out(name, x, ones, (...,), parameters))


#: Optional methods by name.
FORMS: Mapping[str, Asked] = {
    "in_place": _in_place,
    "in_place_slice": _in_place_slice,
    "jvp": _jvp,
    "double_backward": _double_backward,
    "recorded": _recorded,
    "write_out": _write_out,
}


def _formed(like: Array, given: object) -> str:
    try:
        formed(like, given)
    except UnsupportedError:
        return ""
    except UnansweredError as error:
        return str(error)
    return ""


def _of_type(given: object, kind: type) -> str:
    if isinstance(given, kind | Unsupported):
        return ""
    return f"a {type(given).__name__}: return a {kind.__name__}, or an Unsupported with the reason"
