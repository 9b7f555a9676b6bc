"""Arguments of one call as copies that a backend may write to, and what it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from actcheck.adapters.base import Array, AttentionCall
from actcheck.conformance import numerals
from actcheck.conformance.backends.guard.copies import differing, twin
from actcheck.conformance.model import Fault

#: The kind of the fault that a changed argument is.
INPUT_CHANGED = "input_changed"
_PLAIN = frozenset((float, int, bool, str, type(None)))


class Lending:
    """What is lent for one call. One array that is given twice is one array for the backend too."""

    def __init__(self) -> None:
        # The arrays given are kept, so that no other gets the identity of one of them.
        self._arrays: dict[int, tuple[str, Array, Array]] = {}
        self._tables: list[tuple[str, Mapping[str, Any], dict[str, Any]]] = []

    def lend(self, name: str, value: Any) -> Any:
        """A copy of an argument; ``name`` tells it in words. What holds no array is handed on."""
        if type(value) in _PLAIN:  # most are, and calls are many
            return value
        match value:
            case np.ndarray():
                if id(value) not in self._arrays:
                    self._arrays[id(value)] = name, value, twin(value)
                return self._arrays[id(value)][2]
            case Mapping():
                table = {key: self.lend(str(key), item) for key, item in value.items()}
                self._tables.append((name, dict(table), table))
                return table
            case AttentionCall():
                # Weights may be one array under two names, and query, key and value one tensor.
                given = {f.name: getattr(value, f.name) for f in fields(value)}
                return replace(value, **{n: self.lend(n, item) for n, item in given.items()})
        return value

    def changes(self, spared: tuple[str, ...] = ()) -> Iterator[tuple[str, Fault]]:
        """The name of each argument that is not as it was, with the fault; spared ones are not looked at."""
        for name, given, lent in self._arrays.values():
            at = differing(given, lent) if name not in spared else ()
            if len(at):
                yield name, Fault(INPUT_CHANGED, f"{INPUT_CHANGED}: {changed(name, given, lent, at)}")
        for name, before, table in self._tables:
            same = before.keys() == table.keys() and all(table[key] is before[key] for key in before)
            if not same:
                told = f"the call changed the table of its {name}; work on a copy of it"
                yield name, Fault(INPUT_CHANGED, f"{INPUT_CHANGED}: {told}")


def changed(name: str, before: Array, after: Array, at: Any) -> str:
    """A sentence about an argument that a call wrote to, and where."""
    first = int(at[0])
    was, became = (_number_text(array.flat[first]) for array in (before, after))
    place = f"element {first} of {before.size:,} was {was} and is {became}"
    more = f", {numerals.count(len(at), 'element')} in all" if len(at) > 1 else ""
    return f"the call wrote to its argument {name}: {place}{more}; write to a new array"


def _number_text(value: Any) -> str:
    try:
        return numerals.both(float(value))
    except (TypeError, ValueError):
        return str(value)
