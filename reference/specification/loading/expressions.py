"""The expressions of a specification, found by their places and parsed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from actcheck.reference.expressions.parsing import ExpressionError, parse, parse_condition
from actcheck.reference.expressions.tree import Condition, Node
from actcheck.reference.specification.loading.documents import Document
from actcheck.reference.specification.loading.errors import Place, Problem


@dataclass
class Expressions:
    """Every expression and condition of a file, by its place."""

    values: dict[Place, Node] = field(default_factory=dict)
    conditions: dict[Place, Condition] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def expressions(document: Document) -> Expressions:
    """Parse them all; what has the wrong shape is passed over (the schema tells)."""
    found = Expressions()
    parameters = frozenset(_listed_words(document.data.get("parameters"), "name"))
    symbols = document.data.get("symbols")
    own = frozenset(symbols) if isinstance(symbols, dict) else frozenset({"x"})
    sums = document.data.get("kind") == "normalizing"
    for place, is_condition, over_elements in _places(document.data):
        written = document.texts.get(place)
        if written is None:
            continue
        names = parameters | own if over_elements else parameters
        try:
            if is_condition:
                found.conditions[place] = parse_condition(written, names)
            else:
                found.values[place] = parse(written, names, sums and place[0] == "definition")
        except ExpressionError as error:
            found.problems.append(document.problem(place, str(error)))
    return found


def _listed_words(items: Any, key: str) -> list[str]:
    return [i[key] for i in _list(items) if isinstance(i, dict) and isinstance(i.get(key), str)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _places(data: dict[str, Any]) -> Iterator[tuple[Place, bool, bool]]:
    """(place, whether it is a condition, whether it may speak of the input's elements)."""
    yield from _cases(("definition",), data.get("definition"), True)
    for quantity, limits in _mapping(data.get("limits")).items():
        for end, value in _mapping(limits).items():
            place = ("limits", quantity, end)
            yield from _cases(place, value, False) if isinstance(value, list) else [(place, False, False)]
    yield from _fields("kinks", data, ("at", "torch"), ())
    yield from _fields("properties", data, ("low", "high", "value"), ("when",))
    yield from _fields("parameters", data, (), ("constraint",))
    yield ("constraints",), True, False
    for quantity, scale in _mapping(data.get("scale")).items():
        yield from _scale(("scale", quantity), scale)


def _cases(place: Place, cases: Any, over_elements: bool) -> Iterator[tuple[Place, bool, bool]]:
    for index, _ in enumerate(_list(cases)):
        yield (*place, index, "when"), True, over_elements
        yield (*place, index, "value"), False, over_elements


def _scale(place: Place, scale: Any) -> Iterator[tuple[Place, bool, bool]]:
    """An expression, one with its reason, or cases over the parameters."""
    if isinstance(scale, list):
        for index, _ in enumerate(scale):
            yield (*place, index, "when"), True, False
            yield (*place, index, "value"), False, True
    else:
        yield (*place, "value") if isinstance(scale, dict) else place, False, True


def _fields(
    name: str, data: dict[str, Any], values: tuple[str, ...], conditions: tuple[str, ...]
) -> Iterator[tuple[Place, bool, bool]]:
    for index, _ in enumerate(_list(data.get(name))):
        yield from (((name, index, key), False, False) for key in values)
        yield from (((name, index, key), True, False) for key in conditions)
