"""Records to JSON values and back. The types in `model` say all that is said about either way."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import partial
from types import GenericAlias
from typing import Any, Literal, TypeVar, get_args, get_origin

import cattrs
from cattrs.cols import is_mapping, is_sequence, list_structure_factory, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from actcheck.conformance import json_values as values
from actcheck.conformance.json_values import Count, Ends, Hex, Ulp, quoted
from actcheck.conformance.results.fault_records import RangeRecord
from actcheck.conformance.results.model import BackendRecord, ClassRecord, Results, SegmentRecord

T = TypeVar("T")
_Way = Callable[[Any], Any]
#: Records that are lists in JSON, of their fields in order.
_LISTS = (RangeRecord, SegmentRecord)
#: Records whose fields are all written.
_WHOLE = (ClassRecord, Results)
_NAMED = ("name", "framework", "version", "device")
_WRITERS: dict[Any, _Way] = {Hex: float.hex, Ulp: values.written, Ends: values.written_ends}
#: How numbers are read that may be text, and everything in documents of others, where nothing is believed.
_NUMBERS: dict[Any, _Way] = {Hex: values.real, Ulp: values.number, Ends: values.ends}
_READERS: dict[Any, _Way] = {
    **_NUMBERS,
    Count: values.count,
    float: values.number,
    int: values.whole,
    bool: values.boolean,
    str: values.text,
    Any: values.anything,
}


def plain(restored: Any) -> Any:
    """A record as JSON values; what equals its default is left out."""
    return _OWN.unstructure(restored)


def restored(kind: type[T], value: Any) -> T:
    """The record that `plain` made this of. Other values raise whatever they run into."""
    return _OWN.structure(value, kind)


def checked(kind: type[T], value: Any, faults: list[str]) -> T | None:
    """The record that someone else says this is, its text cleaned; None where that adds to the faults."""
    try:
        return _OTHERS.structure(value, kind)
    except (cattrs.BaseValidationError, ValueError) as error:
        for told in cattrs.transform_error(error, "", _message):
            message, _, place = told.rpartition(" @ ")
            faults.append(values.clean(": ".join(filter(None, (place.removeprefix("."), message)))))
        return None


def _message(error: BaseException, _kind: type | None) -> str:
    return "is missing" if isinstance(error, KeyError) else str(error)


def _converter(readers: dict[Any, _Way], *, checking: bool = False) -> cattrs.Converter:
    made = cattrs.Converter(omit_if_default=True)
    if checking:
        made.register_structure_hook_factory(is_dataclass, partial(_object, made))
        made.register_structure_hook_factory(is_sequence, partial(_list, made))
        made.register_structure_hook_factory(is_mapping, partial(_table, made))
        made.register_structure_hook_func(_is_choice, _choice)
    for kind, writer in _WRITERS.items():
        made.register_unstructure_hook_func(partial(operator.is_, kind), writer)
    for kind, reader in readers.items():
        if isinstance(kind, type):
            made.register_structure_hook(kind, partial(_read, reader))
        else:
            made.register_structure_hook_func(partial(operator.is_, kind), partial(_read, reader))
    for kind, write, read in (
        *((listed, _to_list, _from_list) for listed in _LISTS),
        (BackendRecord, _to_flat, _from_flat),
    ):
        ways = made.get_unstructure_hook(kind), made.get_structure_hook(kind)
        made.register_unstructure_hook(kind, partial(write, ways[0]))
        made.register_structure_hook(kind, partial(read, ways[1]))
    for kind in _WHOLE:
        whole = make_dict_unstructure_fn(kind, made, _cattrs_omit_if_default=False)
        made.register_unstructure_hook(kind, whole)
    return made


def _object(made: cattrs.Converter, kind: Any) -> Callable[[Any, Any], Any]:
    """A record: the fields without a default are required, others may be absent or null."""
    read = make_dict_structure_fn(kind, made)
    optional = {f.name for f in fields(kind) if f.default is not MISSING or f.default_factory is not MISSING}

    def structure(value: Any, _: Any) -> Any:
        known = _an_object(value)
        return read({n: item for n, item in known.items() if item is not None or n not in optional}, kind)

    return structure


def _an_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"must be an object, not {quoted(value)}")
    return value


def _a_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"must be a list, not {quoted(value)}")
    return value


def _list(made: cattrs.Converter, kind: Any) -> Callable[[Any, Any], Any]:
    listed: Any = GenericAlias(list, get_args(kind)[:1])
    read = list_structure_factory(listed, made)
    return lambda value, _: tuple(read(_a_list(value), listed))


def _table(made: cattrs.Converter, kind: Any) -> Callable[[Any, Any], Any]:
    read = mapping_structure_factory(kind, made, dict)
    return lambda value, _: read(_an_object(value), kind)


def _is_choice(kind: Any) -> bool:
    return get_origin(kind) is Literal


def _choice(value: Any, kind: Any) -> str:
    return values.one_of(value, get_args(kind))


def _read(reader: _Way, value: Any, _kind: Any) -> Any:
    return reader(value)


def _to_list(write: _Way, item: Any) -> list[Any]:
    return list(write(item).values())


def _from_list(read: Callable[[Any, Any], Any], value: Any, kind: type) -> Any:
    names = [field.name for field in fields(kind)]
    if len(_a_list(value)) != len(names):
        raise ValueError(f"must have {len(names)} items, has {len(value)}")
    return read(dict(zip(names, value, strict=True)), kind)


def _to_flat(write: _Way, backend: BackendRecord) -> dict[str, Any]:
    # The framework's own details come first: they cannot replace what the document itself says.
    named = {name: getattr(backend, name) for name in _NAMED}
    return {**write(backend).get("details", {}), **named}


def _from_flat(read: Callable[[Any, Any], Any], value: Any, kind: type) -> Any:
    named = {name: item for name, item in _an_object(value).items() if name in _NAMED}
    return read({**named, "details": {n: item for n, item in value.items() if n not in _NAMED}}, kind)


_OWN, _OTHERS = _converter(_NUMBERS), _converter(_READERS, checking=True)
