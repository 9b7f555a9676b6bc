"""Defaults and conventions of every backend beside those of the specification."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actcheck.conformance.report.sides import Side
from actcheck.reference.expressions.tree import Node
from actcheck.reference.specification.binding import constant
from actcheck.reference.specification.dialects import OWN, dialects
from actcheck.reference.specification.model import Piece, Spec


@dataclass(frozen=True)
class ConventionAnswer:
    """What a backend does; empty where it was not asked or does not say."""

    text: str
    differs: bool = False


@dataclass(frozen=True)
class Convention:
    """One default or one kink: what the specification says, and what each backend does."""

    activation: str
    name: str
    expected: str
    answers: tuple[ConventionAnswer, ...]

    @property
    def differs(self) -> bool:
        """Whether any backend differs from the specification."""
        return any(answer.differs for answer in self.answers)


def defaults(specs: Mapping[str, Spec], sides: Sequence[Side]) -> list[Convention]:
    """A line for each parameter that has a default, where any backend tells its own."""
    noted = [_noted(specs, side, "defaults", "defaults") for side in sides]
    return [
        line
        for spec in specs.values()
        for line in _defaults(spec, noted)
        if any(a.text for a in line.answers)
    ]


def _defaults(spec: Spec, noted: Sequence[Mapping[str, Any]]) -> Iterator[Convention]:
    for parameter in spec.parameters:
        expected = "required" if parameter.required else value_text(parameter.default)
        answers = []
        for told in noted:
            own = told.get(spec.id)
            if not isinstance(own, Mapping) or parameter.name not in own:
                answers.append(ConventionAnswer(""))
                continue
            given = own[parameter.name]
            answers.append(
                ConventionAnswer(
                    value_text(given), not same(given, None if parameter.required else parameter.default)
                )
            )
        yield Convention(spec.id, parameter.name, expected, tuple(answers))


def kinks(specs: Mapping[str, Spec], sides: Sequence[Side]) -> list[Convention]:
    """A line for each kink of the default variants, where any backend tells its derivative."""
    noted = [_noted(specs, side, "kinks", "convention") for side in sides]
    return [
        line for spec in specs.values() for line in _kinks(spec, noted) if any(a.text for a in line.answers)
    ]


def _kinks(spec: Spec, noted: Sequence[Mapping[str, Any]]) -> Iterator[Convention]:
    for kink in spec.kinks:
        try:
            at, torch = (_number(spec, node) for node in (kink.at, kink.torch))
        except (ValueError, KeyError):
            continue
        told = [_at(own.get(spec.id), at) for own in noted]
        answers = (
            ConventionAnswer("") if t is None else ConventionAnswer(value_text(t), not same(t, torch))
            for t in told
        )
        yield Convention(spec.id, f"derivative at {value_text(at)}", value_text(torch), tuple(answers))


def masked_rows(specs: Mapping[str, Spec], sides: Sequence[Side]) -> list[Convention]:
    """What becomes of a row that is masked throughout: a line for each path of attention, and each activation
    that normalizes rows."""
    noted = [_noted(specs, side, "attention", "masked_rows") for side in sides]
    rows = [_noted(specs, side, "special_values", "masked_rows") for side in sides]
    return [
        *(line for spec in specs.values() for line in _masked(spec, [n.get(spec.id) for n in noted])),
        *(line for spec in specs.values() for line in _of_rows(spec, [n.get(spec.id) for n in rows])),
    ]


def _of_rows(spec: Spec, noted: Sequence[Any]) -> Iterator[Convention]:
    if any(noted):
        answers = tuple(ConventionAnswer(str(told or "")) for told in noted)
        yield Convention(spec.id, "rows", "not defined", answers)


def _masked(spec: Spec, noted: Sequence[Any]) -> Iterator[Convention]:
    told = [_by_path(own) if isinstance(own, Mapping) else {} for own in noted]
    for path in dict.fromkeys(path for own in told for path in own):
        answers = tuple(ConventionAnswer(own.get(path, "")) for own in told)
        yield Convention(spec.id, path, "not defined", answers)


def _by_path(noted: Mapping[str, Any]) -> dict[str, str]:
    """Path, and whether weights are asked for, to the behaviour; each mask's own where they differ."""
    found: dict[str, dict[str, str]] = {}
    for key, told in noted.items():
        path, weights, mask = [*key.split(", ", 2), "", ""][:3]
        found.setdefault(f"{path}, {weights}", {})[mask] = str(told)
    return {
        place: next(iter(masks.values()))
        if len(set(masks.values())) == 1
        else "; ".join(f"{mask}: {told}" for mask, told in masks.items())
        for place, masks in found.items()
    }


def compositions(specs: Mapping[str, Spec], sides: Sequence[Side]) -> list[Convention]:
    """A line for each activation that any backend composes of others, having no operator of its own."""
    noted = [_compositions(side) for side in sides]
    lines = []
    for spec in specs.values():
        told = tuple(ConventionAnswer(str(own.get(spec.id, ""))) for own in noted)
        if any(answer.text for answer in told):
            lines.append(Convention(spec.id, "composed of", "an operator of its own", told))
    return lines


def _compositions(side: Side) -> Mapping[str, Any]:
    told = side.results.backend.details.get("compositions", {})
    return told if isinstance(told, Mapping) else {}


def spoken(sides: Sequence[Side]) -> list[Convention]:
    """Whose conventions each backend was judged by, where any follows others than torch's."""
    if all(side.results.dialect == OWN for side in sides):
        return []
    known = dialects()
    lines = []
    for field in ("slopes_at_nan", "bad_parameters", "parameter_format"):
        own = str(getattr(known[OWN], field))
        told = [str(getattr(known.get(s.results.dialect), field, "")) for s in sides]
        answers = tuple(ConventionAnswer(text, bool(text) and text != own) for text in told)
        lines.append(Convention("all", field.replace("_", " ").replace("nan", "NaN"), own, answers))
    return lines


def _number(spec: Spec, node: Node) -> float:
    parameters = dict(spec.default.parameters)
    if spec.kind == "channelwise":
        parameters["weight"] = parameters["init"]
    return constant((Piece((), node),), parameters)


def _at(told: Any, at: float) -> Any:
    """What was noted for a place: the note's keys are places, as numbers in any notation."""
    pairs = told.items() if isinstance(told, Mapping) else ()
    return next((answer for place, answer in pairs if same(place, at)), None)


def _noted(specs: Mapping[str, Spec], side: Side, check: str, note: str) -> dict[str, Any]:
    """By activation, what a check noted of the defaults: in float32 if it was asked there."""
    found: dict[str, Any] = {}
    for entry in side.results.checks:
        spec = specs.get(entry.activation)
        if entry.check != check or note not in entry.notes or spec is None:
            continue
        if dict(entry.variant) != dict(spec.default.given):
            continue
        if entry.activation not in found or entry.format == "float32":
            found[entry.activation] = entry.notes[note]
    return found


def same(given: Any, expected: Any) -> bool:
    """Whether two values are the same, numbers in any notation."""
    a, b = (_real(v) for v in (given, expected))
    return a == b if a is not None and b is not None else given == expected


def value_text(value: Any) -> str:
    """A value as a person reads it: numbers short, text in quotes."""
    number = _real(value)
    if number is None:
        return repr(value) if isinstance(value, str) else str(value)
    return str(number).removesuffix(".0")


def _real(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    for read in (float, float.fromhex):
        try:
            number = read(value)  # type: ignore[arg-type]
        except (ValueError, OverflowError, TypeError):
            continue
        return None if math.isnan(number) else number
    return None
