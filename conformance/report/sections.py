"""What the page tells of one activation, whatever the backend: its specification, drawn and typeset."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from actcheck.conformance.pictures import mathml, plotting
from actcheck.conformance.pictures.curves import NoCurveError
from actcheck.conformance.report.blocks import Block
from actcheck.conformance.report.matrix import Row
from actcheck.reference.expressions.tree import condition_text, symbols
from actcheck.reference.specification.model import Limits, Parameter, Spec

_ORDER = ("forward", "gradient", "second_derivative", "weight_gradient")
_NAMES = {"forward": "function", "gradient": "derivative"}


@dataclass(frozen=True)
class Named:
    """A name with what it stands for: a parameter, a limit, a kink."""

    name: str
    values: tuple[str | Markup, ...]


@dataclass(frozen=True)
class Described:
    """A specification, typeset and drawn."""

    spec: Spec
    #: As MathML; empty where the definition is in words.
    definition: Markup
    #: In the notation of the specification.
    source: str
    #: The activation and its derivative.
    pictures: tuple[Markup, ...]
    parameters: tuple[Named, ...]
    limits: tuple[Named, ...]
    #: Place, and the derivative that torch chooses there.
    kinks: tuple[tuple[Markup, Markup], ...]
    budgets: tuple[Named, ...]


@dataclass(frozen=True)
class Section:
    """One activation's section of the page; without a specification it has only its blocks."""

    row: Row
    spec: Spec | None
    described: Described | None
    blocks: tuple[Block, ...]
    #: What a user of it should know: for each backend the sentences of its faults, the serious first.
    advice: tuple[tuple[str, tuple[str, ...]], ...] = ()


@lru_cache(maxsize=256)
def described(spec: Spec) -> Described:
    """A specification for the page; made once, since drawing takes a second for all."""
    formula = mathml.definition(spec.title, _arguments(spec), spec.definition) if spec.definition else ""
    return Described(
        spec=spec,
        definition=_markup(formula),
        source=_source(spec),
        pictures=_pictures(spec),
        parameters=tuple(_parameter(p) for p in spec.parameters),
        limits=tuple(_limits(q, spec.limits[q]) for q in _ORDER[:2] if q in spec.limits),
        kinks=tuple(
            (_markup(mathml.expression(k.at)), _markup(mathml.expression(k.torch))) for k in spec.kinks
        ),
        budgets=tuple(_budget(spec, q) for q in _ORDER if q in spec.accuracy),
    )


def _markup(made: str) -> Markup:
    """What an XML serializer made, which has escaped every text and attribute in it."""
    return Markup(made)


def _arguments(spec: Spec) -> list[str]:
    """The symbols of the definition that are not parameters."""
    named = {p.name for p in spec.parameters}
    inside = frozenset[str]().union(*(symbols(p.value) for p in spec.definition))
    return sorted(inside - named - {"pi", "inf"}) or ["x"]


def _source(spec: Spec) -> str:
    if spec.definition:
        return mathml.definition_text(spec.title, _arguments(spec), spec.definition)
    return spec.formula or ""


def _pictures(spec: Spec) -> tuple[Markup, ...]:
    try:
        panels = plotting.panels(spec, spec.default)
    except NoCurveError:
        return ()
    words = (f"The curve of {panels[0].title}", f"The derivative of {panels[0].title}")
    return tuple(_markup(plotting.svg(p, w)) for p, w in zip(panels, words, strict=True))


def _parameter(parameter: Parameter) -> Named:
    default = "required" if parameter.required else _value_text(parameter.default)
    allowed = " or ".join(map(repr, parameter.choices)) or condition_text(parameter.constraint)
    return Named(parameter.name, (default, allowed, parameter.meaning))


def _value_text(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def _limits(quantity: str, limits: Limits) -> Named:
    sides = (limits.minus_infinity, limits.plus_infinity)
    return Named(_NAMES[quantity], tuple(_markup(mathml.cases(side)) for side in sides))


def _budget(spec: Spec, quantity: str) -> Named:
    budget = spec.accuracy[quantity]
    return Named(quantity.replace("_", " "), (f"{budget.ulp:g}", budget.because))
