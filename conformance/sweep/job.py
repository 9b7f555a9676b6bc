"""What a sweep is about, in a form that travels to other processes and machines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from actcheck.adapters.raised import shortened
from actcheck.conformance.model import Question
from actcheck.conformance.usage import UsageError
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from actcheck.reference.specification.choosing import chosen, variant_of
from actcheck.reference.specification.dialects import in_dialect, named
from actcheck.reference.specification.loading.errors import near
from actcheck.reference.specification.model import Parameter, Spec, Variant

#: Consecutive inputs that a backend is asked at a time: what is done once a block weighs little then, and
#: the results are still near.
BLOCK = 1 << 19
#: The same on a device, which wants more at once.
DEVICE_BLOCK = 1 << 22
#: Magnitude patterns of a task, each with both signs.
TASK = 1 << 23
#: Patterns of the factor in a task of glu, each with all patterns of the gate.
FACTORS = 256
#: Magnitude patterns of float32, NaNs included.
MAGNITUDES = 1 << 31


@dataclass(frozen=True)
class Job:
    """One quantity of one variant of one backend, over all of a format."""

    #: As given on the command line.
    backend: str
    #: Id, or the path of a user's own specification.
    activation: str
    given: tuple[tuple[str, Any], ...] = ()
    quantity: str = "forward"
    format: str = "float32"
    #: The number model to judge in (see `number_models`).
    number_model: str = "ieee"
    #: Whose conventions give the defaults (see `dialects`); empty for the specification's own.
    dialect: str = ""

    def variant(self, spec: Spec) -> Variant:
        """The variant, one of the specification's own where there is one."""
        return variant_of(spec, dict(self.given))

    def question(self) -> Question:
        """The question that the sweep answers."""
        spec = in_dialect(loading.find(self.activation), named(self.dialect))
        return Question("accuracy", spec, self.variant(spec), self.format, self.quantity)


def tasks(question: Question) -> range:
    """The first magnitude of each task; for glu, the first pattern of the factor."""
    return range(0, 1 << 16, FACTORS) if question.spec.kind == "gated" else range(0, MAGNITUDES, TASK)


def variant_given(spec: Spec, words: list[str]) -> Variant:
    """The variant with these parameters; those without a default are the specification's first ones.

    ``words`` are ``name=value``, as on the command line. Raises UsageError.
    """
    usual = {p.name: spec.default.parameters[p.name] for p in spec.parameters if p.required}
    given = _parsed(spec, words)
    try:
        variant = chosen(spec, {**usual, **given})
    except (ArithmeticError, TypeError, ValueError) as error:
        raise UsageError(f"--param: {error}") from error
    _check_binding(spec, variant)
    return variant


def _parsed(spec: Spec, words: list[str]) -> dict[str, Any]:
    """Parameters as given on the command line, ``name=value``. Raises UsageError."""
    known = {p.name: p for p in spec.parameters}
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in known:
            listed = ", ".join(known) or "none"
            raise UsageError(
                f"--param {word}: {spec.id} has no such parameter{near(name, known)}; it has {listed}"
            )
        found[name] = _value(known[name], value, word)
    return found


def _value(parameter: Parameter, text: str, word: str) -> Any:
    if parameter.type == "choice":
        return text
    if parameter.type == "boolean":
        if text.lower() not in ("true", "false"):
            raise UsageError(f"--param {word}: give true or false")
        return text.lower() == "true"
    try:
        if re.fullmatch(r"[-+]?[0-9]{1,18}", text):
            return int(text)
        if parameter.type != "integer":
            return float(text)
    except ValueError:
        pass
    kind = "whole number" if parameter.type == "integer" else "number"
    raise UsageError(f"--param {_shown(word)}: {_shown(text)!r} is not a {kind}")


def _shown(word: str) -> str:
    return shortened(word, 60)


def _check_binding(spec: Spec, variant: Variant) -> None:
    """Raise UsageError for values with which a sweep has nothing to ask."""
    dim = variant.parameters.get("dim", 0)
    if spec.kind == "gated" and not (isinstance(dim, int) and -2 <= dim < 2):
        raise UsageError(f"--param dim={dim}: a sweep's arrays have two dimensions; give -2 to 1")
    if spec.elementwise:
        try:
            _ = bind(spec, variant).differentiated
        except (ArithmeticError, ValueError) as error:
            raise UsageError(f"{spec.id} ({variant.label}) has no values: {error}") from error
