"""The pictures of a certificate, from the certificate."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from drawn import FIRST, SECOND, axes_of
from matplotlib.figure import Figure

import actcheck
from actcheck.reference.certificates.certificate import Certificate
from actcheck.reference.certificates.model import DEMANDED, LARGEST, key_of, value_of
from actcheck.reference.certificates.store import certificate
from actcheck.reference.evaluation import mp
from actcheck.reference.specification.binding import Bound, bind

#: The activation and the input that docs/certificates.md follows.
_NAME, _AT = "tanh", 0.7


def cover() -> Figure:
    """The segments of a certificate right of zero: how long they are, and how far each can be off."""
    figure, axes = axes_of(3)
    for segment in _certificate()[1].segments:
        if segment.low >= 0:
            size = max(segment.proof.size, 2.0**-60)
            low = max(segment.run.low, 2.0**-149)
            axes.plot([low, segment.run.high], [size, size], color=FIRST, linewidth=1.6)
            axes.plot([low, low], [size / 1.5, size * 1.5], color=FIRST, linewidth=0.5)
    for bound, name, side in ((DEMANDED, "demanded", "top"), (LARGEST, "never beyond", "bottom")):
        axes.axhline(bound, color=SECOND, linewidth=0.8)
        axes.text(2.0**127, bound, name, va=side, ha="right", color=SECOND)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set(xlabel="x", ylabel="radius, relative", xlim=(2.0**-150, 2.0**129), ylim=(2.0**-62, 2.0**-41))
    return figure


def segment() -> Figure:
    """One segment: what its polynomial is really off, and the radius that is proven."""
    figure, axes = axes_of(3)
    bound, found = _certificate()
    part = found.segments[int(np.searchsorted(found.starts, key_of(_AT), "right")) - 1]
    inputs = [value_of(key) for key in np.linspace(part.low, part.high, 400).astype(int).tolist()]
    centre, coefficients = part.polynomial.centre, part.polynomial.coefficients
    distances = [_distance(bound, x, centre, coefficients) for x in inputs]
    axes.plot(inputs, distances, color=FIRST, linewidth=1, label="p(x) − f(x), at 400 inputs")
    for sign in (-1, 1):
        label = "proven radius" if sign > 0 else None
        axes.axhline(sign * part.proof.absolute, color=SECOND, linewidth=1, label=label)
    axes.set(xlabel="x", ylim=(-1.7 * part.proof.absolute, 1.7 * part.proof.absolute))
    axes.legend(frameon=False, ncols=2, loc="upper center")
    return figure


def _distance(bound: Bound, x: float, centre: float, coefficients: tuple[float, ...]) -> float:
    value = 0.0
    for coefficient in reversed(coefficients):
        value = value * (x - centre) + coefficient
    return float(Fraction(value) - mp.to_fraction(bound.exact("forward", Fraction(x))))


def _certificate() -> tuple[Bound, Certificate]:
    spec = actcheck.specification(_NAME)
    bound = bind(spec, spec.default)
    return bound, certificate(bound, "forward")
