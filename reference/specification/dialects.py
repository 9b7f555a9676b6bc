"""Dialects: what frameworks settle each in its own way, and no definition decides.

A specification is written in torch's dialect. In another it has other defaults, parameters in another format,
or nothing that must be refused; the definition, which is the law, stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from jsonschema import Draft202012Validator

from actcheck.reference.specification.loading.documents import SHIPPED, Document, read
from actcheck.reference.specification.loading.errors import SpecError, near
from actcheck.reference.specification.model import (
    Convention,
    Parameter,
    Parameters,
    ParameterValue,
    Spec,
    Variant,
)

#: The one that specifications are written in.
OWN = "torch"


@dataclass(frozen=True)
class Dialect:
    """The conventions of one framework, or of a family."""

    name: str
    title: str
    #: Whether a derivative at NaN must be NaN.
    slopes_at_nan: Literal["nan", "any"]
    #: Whether the parameters that a specification lists under ``refused`` must be refused.
    bad_parameters: Literal["refused", "unchecked"]
    #: The format that a real parameter is stored in.
    parameter_format: Literal["float64", "float32"]
    because: str


@lru_cache(maxsize=1)
def dialects() -> dict[str, Dialect]:
    """The known dialects by name. Raises SpecError where the file that lists them has errors."""
    document = read(SHIPPED / "dialects.yaml")
    schema = json.loads((SHIPPED / "dialects.schema.json").read_text("utf-8"))
    _check(document, schema)
    return {name: Dialect(name, **fields) for name, fields in document.data.items()}


def _check(document: Document, schema: dict[str, Any]) -> None:
    errors = Draft202012Validator(schema).iter_errors(document.data)
    problems = [*document.problems, *(document.problem(tuple(e.absolute_path), e.message) for e in errors)]
    if problems:
        raise SpecError(problems)


def named(name: str) -> Dialect:
    """The dialect of a name; the specifications' own for an empty one. Raises ValueError for others."""
    known = dialects()
    if name and name not in known:
        raise ValueError(f"no dialect {name!r}{near(name, known)}; known: {', '.join(known)}")
    return known[name or OWN]


def in_dialect(spec: Spec, dialect: Dialect) -> Spec:
    """The specification with the conventions of a dialect; the law, and what is proven of it, stay."""
    if dialect.name == OWN:
        return spec
    defaults = {name: value for c in own_conventions(spec, dialect) for name, value in c.defaults.items()}
    parameters = tuple(_parameter(p, defaults, dialect) for p in spec.parameters)
    own = {p.name: p.default for p in parameters if not p.required}
    variants: dict[str, Variant] = {}
    for variant in (_variant(v, own, dialect) for v in spec.variants):
        variants.setdefault(repr(variant.parameters), variant)  # a variant may be the default now
    if (before := _stored_default(spec, own, dialect)) is not None:
        variants.setdefault(repr(before.parameters), before)
    return replace(
        spec,
        parameters=parameters,
        variants=tuple(variants.values()),
        refused=spec.refused if dialect.bad_parameters == "refused" else (),
        law=spec,
    )


def own_conventions(spec: Spec, dialect: Dialect) -> Iterator[Convention]:
    """What the dialect settles otherwise for one activation."""
    return (c for c in spec.conventions if dialect.name in c.dialects)


def _stored_default(spec: Spec, own: Parameters, dialect: Dialect) -> Variant | None:
    """The specification's defaults as a variant, where the dialect has others."""
    stored = {name: _stored(value, dialect) for name, value in spec.default.parameters.items()}
    given = {name: value for name, value in stored.items() if name not in own or value != own[name]}
    changed = any(name in own for name in given)
    return Variant(spec.id, "exact", stored, given) if changed else None


def _parameter(parameter: Parameter, defaults: Parameters, dialect: Dialect) -> Parameter:
    value = defaults.get(parameter.name, parameter.default)
    return replace(parameter, default=_stored(value, dialect))


def _stored(value: ParameterValue, dialect: Dialect) -> ParameterValue:
    """A parameter as the dialect stores it: what is a whole number in the file stays one."""
    if isinstance(value, float) and dialect.parameter_format == "float32":
        with np.errstate(over="ignore"):
            return float(np.float32(value))
    return value


def _variant(variant: Variant, own: Parameters, dialect: Dialect) -> Variant:
    """Given parameters are kept, all others have the dialect's defaults."""
    stored = {name: _stored(value, dialect) for name, value in variant.given.items()}
    parameters = {n: stored.get(n, own.get(n, v)) for n, v in variant.parameters.items()}
    given = {n: variant.given[n] for n, v in stored.items() if n not in own or v != own[n]}
    return Variant(variant.activation, variant.kind, parameters, given)
