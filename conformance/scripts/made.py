"""What a maker of a script's text is given, and what it gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Parameters, Unsupported
from actcheck.conformance.checks.parts.structure.weights import weights_of
from actcheck.conformance.faults.gathering import Seen
from actcheck.conformance.model import Level
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.elements import weights_name
from actcheck.reference.specification.model import Refused, Spec, Variant

_OTHER_FORMATS = ("int8", "int16", "int32", "int64", "uint8", "complex64", "complex128")
_DEFAULT = """\
import ml_dtypes
import numpy as np

from actcheck.adapters.registry import find

BACKEND = find({backend!r})
VERSION = f"{{BACKEND.describe().framework}} {{BACKEND.describe().version}}"
PARAMETERS = {parameters}


def array(values):
    return np.array(values, np.dtype(getattr(ml_dtypes, {format!r}, {format!r})))


def compute(x, upstream):
    return BACKEND.{method}({activation!r}, x, {upstream}PARAMETERS)


def numbers(result):
    return np.asarray(result).astype(np.float64).ravel().tolist()
"""
#: The ways of calling that every adapter has a method for.
_METHODS = ("forward", "gradient", "second_derivative")


@dataclass(frozen=True)
class Told:
    """One case of a fault, and how its run asked."""

    spec: Spec
    seen: Seen
    adapter: Adapter
    #: The name that the adapter is found by.
    backend: str
    level: Level = "quick"
    seed: int = 0

    @property
    def what(self) -> list[str]:
        """The words of the fault's name."""
        return self.seen.fault.what.split(":")

    @property
    def variant(self) -> Variant | None:
        """That of the check; None for names that the specification does not know."""
        return next((v for v in self.spec.variants if v.label == self.seen.check.label), None)

    @property
    def format(self) -> str:
        """That of the arrays."""
        known = (*FORMATS, *_OTHER_FORMATS)
        return next((n for n in (self.seen.check.format, self.what[-1]) if n in known), "float32")

    @property
    def quantity(self) -> str:
        """That of the check; forward for those that a call does not have."""
        return self.seen.check.quantity if self.seen.check.quantity in _METHODS else "forward"

    @property
    def accepted(self) -> Refused | None:
        """What should be refused and was not; None where the fault is another."""
        first, _, label = self.seen.fault.what.partition(":")
        rows = self.spec.refused if first == "accepted" else ()
        return next((row for row in rows if self.spec.refused_label(row) == label), None)

    @property
    def parameters(self) -> Parameters | None:
        """Those of the variant, with a weight that is one for all channels; None where there are none."""
        if self.variant is None:
            return None
        given = self.variant.parameters
        if self.spec.kind != "channelwise":
            return given
        weights = weights_of(FORMATS.get(self.format, FORMATS["float32"]), given)
        return {**given, weights_name(self.spec): weights} if weights.size == 1 else None

    def calls(self, parameters: Parameters, way: str = "") -> str | None:
        """Text that defines the calls (see `Adapter.snippet`); None where the way has no text."""
        way = way or self.quantity
        own = self.adapter.snippet(self.spec.id, parameters, self.format, way)
        if not isinstance(own, Unsupported):
            return own
        if way not in _METHODS or self.format.startswith("complex"):
            return None
        listed = ", ".join(f"{n!r}: {literal(v, self.format)}" for n, v in parameters.items())
        return _DEFAULT.format(
            backend=self.backend,
            parameters="{" + listed + "}",
            format=self.format,
            method=way,
            activation=self.spec.id,
            upstream="upstream, " if way == "gradient" else "",
        )


def literal(value: Any, format_name: str) -> str:
    """A parameter's value as Python text."""
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r}, np.dtype(getattr(ml_dtypes, {format_name!r}, {format_name!r})))"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)
