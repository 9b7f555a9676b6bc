"""A checked document to the records of `specification.model`."""

from __future__ import annotations

import hashlib
from typing import Any

from actcheck.reference.expressions.tree import Condition, Node
from actcheck.reference.specification.loading.documents import Document
from actcheck.reference.specification.loading.errors import Place
from actcheck.reference.specification.loading.expressions import Expressions
from actcheck.reference.specification.model import (
    Budget,
    Convention,
    Kink,
    Limits,
    Parameter,
    Parameters,
    Piece,
    Pieces,
    Property,
    Refused,
    Scale,
    Source,
    Spec,
    Variant,
)


def build(document: Document, found: Expressions) -> Spec:
    """The specification that a document without errors holds."""
    return _Builder(document, found).spec()


class _Builder:
    def __init__(self, document: Document, found: Expressions) -> None:
        self.document = document
        self.data: dict[str, Any] = document.data
        self.found = found

    def spec(self) -> Spec:
        data = self.data
        return Spec(
            id=data["id"],
            title=data["title"],
            summary=data["summary"],
            kind=data["kind"],
            aliases=tuple(data["aliases"]),
            sources=tuple(Source(**source) for source in data["sources"]),
            parameters=tuple(self.parameter(i, p) for i, p in enumerate(data["parameters"])),
            constraints=self.condition(("constraints",)),
            input_shape=data["shape"]["input"],
            output_shape=data["shape"]["output"],
            definition=self.pieces(("definition",), data.get("definition", [])),
            limits={quantity: self.limits(quantity) for quantity in data.get("limits", {})},
            zero_sign=data.get("zero_sign", "either"),
            kinks=tuple(self.kink(i) for i, _ in enumerate(data.get("kinks", []))),
            properties=tuple(self.property(i, p) for i, p in enumerate(data.get("properties", []))),
            variants=tuple(self.variant(v) for v in data["variants"]),
            refused=tuple(Refused(self.completed(r["parameters"]), r["because"]) for r in data["refused"]),
            accuracy={quantity: Budget(**budget) for quantity, budget in data["accuracy"].items()},
            scale={quantity: self.scale(quantity) for quantity in data.get("scale", {})},
            in_place=data["in_place"],
            plot_title=data["plot"]["title"],
            rules=tuple(data.get("rules", ())),
            digest=hashlib.sha256(self.document.content).hexdigest(),
            path=self.document.file,
            symbols=data.get("symbols", {}),
            formula=data.get("formula"),
            conventions=tuple(
                Convention(**{**c, "dialects": tuple(c["dialects"])}) for c in data.get("conventions", ())
            ),
        )

    def value(self, place: Place) -> Node:
        return self.found.values[place]

    def condition(self, place: Place) -> Condition:
        return self.found.conditions.get(place, ())

    def parameter(self, index: int, data: dict[str, Any]) -> Parameter:
        return Parameter(
            name=data["name"],
            type=data["type"],
            meaning=data["meaning"],
            default=data.get("default"),
            required=data.get("required", False),
            choices=tuple(data.get("choices", ())),
            constraint=self.condition(("parameters", index, "constraint")),
            shape=data.get("shape"),
        )

    def pieces(self, place: Place, cases: list[Any]) -> Pieces:
        return tuple(
            Piece(self.condition((*place, index, "when")), self.value((*place, index, "value")))
            for index, _ in enumerate(cases)
        )

    def limits(self, quantity: str) -> Limits:
        ends = {
            end: self.pieces(("limits", quantity, end), value)
            if isinstance(value, list)
            else (Piece((), self.value(("limits", quantity, end))),)
            for end, value in self.data["limits"][quantity].items()
        }
        return Limits(**ends)

    def scale(self, quantity: str) -> Scale:
        place, given = ("scale", quantity), self.data["scale"][quantity]
        if isinstance(given, list):
            return Scale(self.pieces(place, given), "; ".join(case["because"] for case in given))
        if isinstance(given, dict):
            return Scale((Piece((), self.value((*place, "value"))),), given["because"])
        return Scale((Piece((), self.value(place)),))

    def kink(self, index: int) -> Kink:
        return Kink(*(self.value(("kinks", index, key)) for key in ("at", "torch")))

    def property(self, index: int, data: dict[str, Any]) -> Property:
        place = ("properties", index)
        ends = {key: self.value((*place, key)) for key in ("low", "high", "value") if key in data}
        return Property(data["property"], self.condition((*place, "when")), **ends)

    def variant(self, data: dict[str, Any]) -> Variant:
        complete = self.completed(data["parameters"])
        defaults = {p["name"]: p.get("default") for p in self.data["parameters"] if not p.get("required")}
        given = {
            name: value
            for name, value in data["parameters"].items()
            if name not in defaults or value != defaults[name]
        }
        return Variant(self.data["id"], data["kind"], complete, given)

    def completed(self, given: Parameters) -> Parameters:
        """Every parameter that is a single value, in the order of the specification."""
        return {
            p["name"]: given.get(p["name"], p.get("default"))
            for p in self.data["parameters"]
            if p["type"] != "array"
        }
