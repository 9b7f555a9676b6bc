"""Parameter values as a caller gives them, checked against what the specification says of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from numbers import Integral, Real
from typing import Any

from actcheck.reference.expressions.tree import condition_text
from actcheck.reference.specification.binding import holds_for
from actcheck.reference.specification.loading.errors import near
from actcheck.reference.specification.model import Parameter, ParameterValue, Spec, Variant


def chosen(spec: Spec, given: Mapping[str, Any]) -> Variant:
    """The variant with these parameters, arrays left out, which are no part of one.

    Raises TypeError for a parameter that the specification does not have, for one without a default that is
    missing, and for a value of another type; ValueError for one that the specification refuses.
    """
    known = {p.name: p for p in spec.parameters}
    for name in given:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise TypeError(f"{spec.id} has no parameter {name}{near(name, known)}; it has {listed}")
    for parameter in known.values():
        if parameter.required and parameter.name not in given:
            raise TypeError(
                f"{spec.id} needs a value of {parameter.name}: {parameter.meaning[:1].lower()}"
                f"{parameter.meaning[1:].rstrip('.')}; pass {parameter.name}=..."
            )
    values = {n: _value(spec, known[n], v) for n, v in given.items() if known[n].type != "array"}
    variant = variant_of(spec, values)
    refused = next(_broken(spec, variant), "")
    if refused:
        raise ValueError(f"{spec.id} ({variant.label}): the parameters must keep {refused}")
    return variant


def variant_of(spec: Spec, given: Mapping[str, Any]) -> Variant:
    """The variant with these parameters beside the defaults, one of the specification's own where it is."""
    changed = {k: v for k, v in given.items() if v != spec.default.parameters.get(k)}
    parameters = {**spec.default.parameters, **changed}
    made = Variant(spec.id, "awkward" if changed else "default", parameters, changed)
    return next((v for v in spec.variants if v.parameters == parameters), made)


def _value(spec: Spec, parameter: Parameter, value: Any) -> ParameterValue:
    name = f"{spec.id}: {parameter.name}"
    if value is None and parameter.default is None and not parameter.required:
        return None
    match parameter.type:
        case "choice":
            if value not in parameter.choices:
                raise ValueError(f"{name} is one of {', '.join(parameter.choices)}, not {value!r}")
            return str(value)
        case "boolean":
            if not isinstance(value, bool):
                raise TypeError(f"{name} is True or False, not {value!r}")
            return value
        case "integer":
            if isinstance(value, bool) or not isinstance(value, Integral):
                raise TypeError(f"{name} is a whole number, not {value!r}")
            return int(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is a number, not {value!r}")
    if math.isnan(value):
        raise ValueError(f"{name} is not a number (NaN)")
    return float(value)


def _broken(spec: Spec, variant: Variant) -> Iterator[str]:
    """The conditions that these parameters break, in words."""
    for condition in (*(p.constraint for p in spec.parameters), spec.constraints):
        if condition and not holds_for(condition, variant.parameters):
            yield condition_text(condition)
