"""What the schema cannot say of names, cases and expressions."""

from __future__ import annotations

import keyword
import string
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from actcheck.reference.expressions.parsing import CONSTANTS
from actcheck.reference.expressions.tree import (
    FUNCTIONS,
    SUM,
    Condition,
    Negate,
    Node,
    Symbol,
    Text,
    symbols,
    walk,
)
from actcheck.reference.specification.loading.documents import Document
from actcheck.reference.specification.loading.errors import Place, Problem, near
from actcheck.reference.specification.loading.expressions import Expressions

Complaint = tuple[Place, str]
#: Fields whose expressions may be inf or -inf as a whole.
_UNBOUNDED = ("limits", "properties")


def rule_problems(document: Document, found: Expressions, broken: frozenset[str]) -> Iterator[Problem]:
    """Errors of names, cases and expressions; what needs a broken top-level key is not looked at."""
    rules = _Rules(document.data, found)
    needed: tuple[tuple[set[str], Callable[[], Iterator[Complaint]]], ...] = (
        ({"id", "aliases", "parameters", "symbols"}, rules.names),
        ({"definition", "limits", "scale"}, rules.cases),
        ({"kind", "parameters"}, rules.values),
        ({"kind", "parameters"}, rules.conditions),
        ({"parameters", "plot"}, rules.title),
    )
    for keys, check in needed:
        if not keys & broken:
            yield from (document.problem(place, message) for place, message in check())


class _Rules:
    def __init__(self, data: dict[str, Any], found: Expressions) -> None:
        self.data = data
        self.found = found

    @cached_property
    def types(self) -> dict[str, str]:
        return {p["name"]: p["type"] for p in self.data["parameters"]}

    @cached_property
    def choices(self) -> dict[str, list[str]]:
        return {p["name"]: p.get("choices", []) for p in self.data["parameters"]}

    def names(self) -> Iterator[Complaint]:
        taken = set(self.data.get("symbols", ("x",)))
        yield from _reserved((("symbols", name), name) for name in taken)
        places = [(("parameters", i, "name"), p["name"]) for i, p in enumerate(self.data["parameters"])]
        yield from _reserved(places)
        for place, name in places:
            if name in taken:
                yield place, f"{name} has a meaning already; choose another name"
            taken.add(name)
        for index, alias in enumerate(self.data["aliases"]):
            if alias == self.data["id"]:
                yield ("aliases", index), "this is the id; remove it"

    def cases(self) -> Iterator[Complaint]:
        """The last case of a list, and no other, is without a condition."""
        lists: list[tuple[Place, Any]] = [(("definition",), self.data.get("definition"))]
        for quantity, limits in self.data.get("limits", {}).items():
            lists += [(("limits", quantity, end), value) for end, value in limits.items()]
        lists += [(("scale", quantity), cases) for quantity, cases in self.data.get("scale", {}).items()]
        for place, cases in lists:
            for index, case in enumerate(cases if isinstance(cases, list) else ()):
                last = index == len(cases) - 1
                if last and "when" in case:
                    yield (*place, index, "when"), "the last case takes what is left; remove its condition"
                elif not last and "when" not in case:
                    yield (*place, index), "every case but the last needs a condition; add 'when'"

    def values(self) -> Iterator[Complaint]:
        for place, node in self.found.values.items():
            bare = node.operand if isinstance(node, Negate) else node
            if place[0] in _UNBOUNDED and bare == Symbol("inf"):
                continue
            yield from ((place, message) for message in self.arithmetic(node))

    def arithmetic(self, node: Node) -> Iterator[str]:
        """What is not a number in an expression."""
        for part in walk(node):
            if isinstance(part, Text):
                yield f"{part.value!r} is not a number; a word can only be compared with a choice"
        for name in sorted(symbols(node)):
            if name == "inf":
                yield "inf is allowed only alone, as a limit or an end of a range"
            elif self.types.get(name) == "choice":
                yield f"{name} is a choice, not a number; compare it in a condition"
            elif self.types.get(name) == "array" and self.data["kind"] != "channelwise":
                yield f"{name} is an array; only a channelwise definition may use one"

    def conditions(self) -> Iterator[Complaint]:
        for place, condition in self.found.conditions.items():
            bounded = place[0] == "definition"
            yield from ((place, message) for message in self.condition(condition, bounded))

    def condition(self, condition: Condition, bounded: bool) -> Iterator[str]:
        for comparison in condition:
            sides = (comparison.left, comparison.right)
            if any(self.is_word(side) for side in sides):
                yield from self.choice(comparison.operator, *sides)
                continue
            for side in sides:
                bare = side.operand if isinstance(side, Negate) else side
                if bounded or bare != Symbol("inf"):
                    yield from self.arithmetic(side)

    def is_word(self, node: Node) -> bool:
        return isinstance(node, Text) or (isinstance(node, Symbol) and self.types.get(node.name) == "choice")

    def choice(self, operator: str, left: Node, right: Node) -> Iterator[str]:
        """A choice is compared with one of its words, for equality."""
        name, word = (left, right) if isinstance(right, Text) else (right, left)
        if not (isinstance(name, Symbol) and isinstance(word, Text) and operator in ("==", "!=")):
            yield "a choice is compared with one of its words by == or !="
        elif word.value not in self.choices.get(name.name, []):
            words = self.choices.get(name.name, [])
            yield f"{word.value!r} is not one of {', '.join(words)}{near(word.value, words)}"

    def title(self) -> Iterator[Complaint]:
        place = ("plot", "title")
        try:
            fields = [name for _, name, _, _ in string.Formatter().parse(self.data["plot"]["title"])]
        except ValueError as error:
            yield place, f"{error}; a brace that is meant as such is written twice"
            return
        for name in fields:
            if name is not None and self.types.get(name, "array") == "array":
                yield place, f"no parameter {{{name}}} to show{near(name, self.types)}"


def _reserved(places: Any) -> Iterator[Complaint]:
    for place, name in places:
        if name in (*FUNCTIONS, *CONSTANTS, SUM) or keyword.iskeyword(name) or not name.isidentifier():
            yield place, f"{name} is a word of the language of expressions; choose another name"
