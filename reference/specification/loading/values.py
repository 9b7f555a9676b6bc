"""Whether defaults, variants and refused parameters agree with what is declared of the parameters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from actcheck.reference.expressions.tree import symbols
from actcheck.reference.specification.loading.conditions import satisfied
from actcheck.reference.specification.loading.documents import Document
from actcheck.reference.specification.loading.errors import Place, Problem, near
from actcheck.reference.specification.loading.expressions import Expressions

Complaint = tuple[Place, str]
Values = dict[str, Any]
_KINDS = {"real": "a number", "integer": "a whole number", "boolean": "true or false"}


def value_problems(document: Document, found: Expressions, broken: frozenset[str]) -> Iterator[Problem]:
    """Errors in the values of parameters; what needs a broken top-level key is not looked at."""
    if broken & {"kind", "parameters", "constraints"}:
        return
    checks = _Checks(document, found)
    complaints = [checks.defaults()]
    complaints += [checks.variants()] if "variants" not in broken else []
    complaints += [checks.refused()] if "refused" not in broken else []
    complaints += [checks.conventions()] if "conventions" not in broken else []
    for place, message in itertools.chain.from_iterable(complaints):
        yield document.problem(place, message)


class _Checks:
    def __init__(self, document: Document, found: Expressions) -> None:
        self.data: dict[str, Any] = document.data
        self.texts = document.texts
        self.parameters: dict[str, dict[str, Any]] = {p["name"]: p for p in self.data["parameters"]}
        #: Whether a constraint is missing that the file means to state.
        self.unsure = any(problem.top in ("constraints", "parameters") for problem in found.problems)
        #: Place of a constraint, its condition and the parameters it speaks of.
        self.constraints = [
            (place, condition, {n for c in condition for side in (c.left, c.right) for n in symbols(side)})
            for place, condition in found.conditions.items()
            if place[0] in ("constraints", "parameters")
        ]

    def defaults(self) -> Iterator[Complaint]:
        defaults = {n: p["default"] for n, p in self.parameters.items() if "default" in p}
        for index, parameter in enumerate(self.data["parameters"]):
            yield from self.declared(("parameters", index), parameter)
        wrong = {name for name in defaults if [*self.value((), name, defaults[name])]}
        for place, condition, names in self.constraints:
            if names & set(self.parameters) <= set(defaults) - wrong and self.breaks(condition, defaults):
                at = (*place[:2], "default") if place[0] == "parameters" else place
                yield at, f"the default breaks the constraint {self.texts[place]}; change one of them"

    def conventions(self) -> Iterator[Complaint]:
        """Other defaults are values that the parameters may have."""
        for index, convention in enumerate(self.data.get("conventions", ())):
            place, given = ("conventions", index, "defaults"), convention.get("defaults", {})
            yield from [*self.given(place, given)] or self.broken(place, given)

    def declared(self, place: Place, parameter: dict[str, Any]) -> Iterator[Complaint]:
        type_ = parameter["type"]
        for key, owner in (("choices", "choice"), ("shape", "array")):
            if (type_ == owner) != (key in parameter):
                yield (*place, key), f"a parameter of type {owner} has {key}, and no other has"
        if parameter.get("required", False) == ("default" in parameter):
            yield (*place, "default"), "give either a default or 'required: true', not both and not neither"
        elif parameter.get("default") is not None:
            yield from self.value((*place, "default"), parameter["name"], parameter["default"])

    def value(self, place: Place, name: str, value: Any) -> Iterator[Complaint]:
        """What is wrong with a value in itself."""
        parameter = self.parameters[name]
        type_, choices = parameter["type"], parameter.get("choices", [])
        if value is None and parameter.get("default", "") is None:
            return
        if type_ == "array":
            yield place, f"{name} is an array, which a file cannot give; remove it"
        elif type_ == "choice":
            if value not in choices:
                known = near(value, choices) if isinstance(value, str) else ""
                yield place, f"{value!r} is not one of {', '.join(choices)}{known}"
        elif not _fits(type_, value):
            yield place, f"{name} must be {_KINDS[type_]}, not {value!r}"
        elif not _is_number(value):
            yield place, f"{name} must be a binary64 number, not {value!r}"

    def variants(self) -> Iterator[Complaint]:
        seen: dict[str, int] = {}
        for index, variant in enumerate(self.data["variants"]):
            place, given = ("variants", index), variant["parameters"]
            yield from self.kind(place, variant, index == 0)
            complaints = [*self.given((*place, "parameters"), given), *self.missing(place, given)]
            yield from complaints or self.broken((*place, "parameters"), given)
            first = seen.setdefault(repr(sorted(self.complete(given).items())), index)
            if first != index:
                yield place, f"the same values as variants[{first}]; remove one of them"

    def kind(self, place: Place, variant: dict[str, Any], first: bool) -> Iterator[Complaint]:
        if (variant["kind"] == "default") != first:
            yield (*place, "kind"), "the first variant is of kind default, and no other is"
        for name in variant["parameters"] if first else ():
            if "default" in self.parameters.get(name, ()):
                message = "the first variant is the defaults; move this value to a variant of its own"
                yield (*place, "parameters", name), message

    def given(self, place: Place, given: Values) -> Iterator[Complaint]:
        for name, value in given.items():
            if name in self.parameters:
                yield from self.value((*place, name), name, value)
            else:
                message = f"no parameter {name}{near(name, self.parameters)}; remove it or declare it"
                yield (*place, name), message

    def missing(self, place: Place, given: Values) -> Iterator[Complaint]:
        for name, parameter in self.parameters.items():
            if parameter.get("required") and parameter["type"] != "array" and name not in given:
                yield (*place, "parameters"), f"{name} has no default; give its value"

    def broken(self, place: Place, given: Values) -> Iterator[Complaint]:
        values = self.complete(given)
        for constraint, condition, names in self.constraints:
            if names & set(given) and self.breaks(condition, values):
                yield place, f"breaks the constraint {self.texts[constraint]}; change one of them"

    def complete(self, given: Values) -> Values:
        return {name: p.get("default") for name, p in self.parameters.items()} | given

    def breaks(self, condition: Any, values: Values) -> bool:
        try:
            return not satisfied(condition, values)
        except (ArithmeticError, ValueError):
            return True

    def refused(self) -> Iterator[Complaint]:
        elementwise = self.data["kind"] in ("elementwise", "random")
        for index, refused in enumerate(self.data["refused"]):
            place, given = ("refused", index, "parameters"), refused["parameters"]
            unknown = [name for name in given if name not in self.parameters]
            if unknown:
                yield from self.given(place, dict.fromkeys(unknown))
            elif elementwise and not self.unsure and not self.wrong(place, given):
                message = "no declared type, choice or constraint forbids these values; state the constraint"
                yield place, message

    def wrong(self, place: Place, given: Values) -> bool:
        return bool([*self.given(place, given), *self.broken(place, given)])


def _fits(type_: str, value: Any) -> bool:
    if type_ == "boolean" or isinstance(value, bool):
        return type_ == "boolean" and isinstance(value, bool)
    return isinstance(value, int) or (type_ == "real" and isinstance(value, float))


def _is_number(value: float) -> bool:
    """Infinite ones are: a trial of the definition tells whether it has a value with them."""
    try:
        return not math.isnan(value)
    except OverflowError:
        return False
