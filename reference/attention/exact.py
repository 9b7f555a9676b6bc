"""Multihead attention by the reference: output, weights and gradients of the whole module, with their bounds.

Arb's balls give the values, proven to far more bits than any format has; mpmath, the reference of record,
confirms the calls whose errors are told. Beside each value stands its S (see `sums`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import mpmath
import numpy as np

from actcheck.reference.attention.inputs import Array, Doubles, Module
from actcheck.reference.attention.number_kinds import Balls, Numbers
from actcheck.reference.attention.sized import Sized
from actcheck.reference.attention.sized_steps import Sizes
from actcheck.reference.attention.steps import Steps, Values
from actcheck.reference.evaluation.balls import precision
from actcheck.reference.evaluation.mp import to_fraction
from actcheck.reference.formats import Format
from actcheck.reference.judging.pointwise import ReferenceDisagreementError
from actcheck.reference.judging.sums.bounds import OUTWARDS, Exact, Sums, carrier

__all__ = ["Attention", "Module", "confirm", "evaluate"]

_BITS = 256
#: How wide a ball may be, and how far mpmath may be from it, beside S.
_WIDTH, _AGREEMENT = 2.0**-150, Fraction(1, 2**140)


@dataclass(frozen=True)
class Attention:
    """The exact results of one call, with their bounds."""

    #: (N, L, E).
    output: Sums
    #: (N, H, L, T), after dropout.
    weights: Sums
    #: Weights averaged over the heads, (N, L, T).
    averaged: Sums
    #: By the names of `Module`; empty without an upstream.
    gradients: Mapping[str, Sums]

    @property
    def named(self) -> dict[str, Sums]:
        """Every result by its name."""
        first = {"output": self.output, "weights": self.weights, "averaged": self.averaged}
        return {**first, **self.gradients}


def evaluate(module: Module, form: Format) -> Attention:
    """The exact results of a call, and how far a backend may be off that computes them honestly.

    Rows whose keys are all masked have no result: they are NaN, as are gradients that they reach.
    """
    with precision(_BITS, 1):
        steps = Steps(module, Balls())
        values = _named(steps)
        soft = _floats(steps.soft)
    sizes = _named(Steps(module, Sizes(form, soft)))
    sums = {name: _sums(value, sizes[name], form) for name, value in values.items()}
    return Attention(sums.pop("output"), sums.pop("weights"), sums.pop("averaged"), sums)


def confirm(module: Module, exact: Attention) -> None:
    """Compare every result with mpmath's. Raises ReferenceDisagreementError."""
    with mpmath.workprec(_BITS):
        values = _named(Steps(module, Numbers()))
    for name, sums in exact.named.items():
        for at in np.ndindex(sums.size.shape):
            main, rest = float(sums.exact.main[at]), float(sums.exact.rest[at])
            value = values[name][at]
            if np.isnan(main) and mpmath.isnan(value):
                continue
            if np.isnan(main) or not _agree(main, rest, to_fraction(value), float(sums.size[at])):
                raise ReferenceDisagreementError(
                    f"multihead attention, {name}{list(at)}: mpmath says {mpmath.nstr(value, 20)}, "
                    f"Arb {main!r}; please report this, no backend is at fault"
                )


def _agree(main: float, rest: float, value: Fraction, size: float) -> bool:
    # main + rest holds 106 bits of the value.
    slack = Fraction(size) * _AGREEMENT + abs(value) * Fraction(1, 2**104) + Fraction(1, 2**1074)
    return abs(Fraction(main) + Fraction(rest) - value) <= slack


def _named(steps: Steps) -> dict[str, Values]:
    first = {"output": steps.output, "weights": steps.weights, "averaged": steps.averaged}
    return first if steps.module.upstream is None else {**first, **steps.gradients()}


def _floats(balls: Array) -> Doubles:
    return np.array([float(b) for b in balls.ravel()]).reshape(balls.shape)


def _sums(values: Array, sized: Sized, form: Format) -> Sums:
    main = _floats(values)
    undefined = np.isnan(main)
    size = (np.where(undefined, 0.0, sized.size) + carrier(form).smallest_normal) * OUTWARDS
    stored = np.where(undefined, 0.0, sized.spread) * OUTWARDS
    with precision(_BITS, 1):
        rest = _floats(values - np.where(undefined, 0.0, main))
    wide = ~(_floats(np.array([b.rad() for b in values.ravel()]).reshape(values.shape)) <= _WIDTH * size)
    if (wide & ~undefined).any():
        raise ReferenceDisagreementError(f"no enclosure of {int(wide.sum())} sums of multihead attention")
    return Sums(Exact(main, np.where(undefined, 0.0, rest)), size, sized.steps, stored)
