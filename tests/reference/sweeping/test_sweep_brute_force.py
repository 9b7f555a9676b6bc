"""Maxima of the sweep against brute force: every float of a quarter of a binade, or of all, by Arb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from numpy.typing import NDArray

from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from actcheck.reference.sweeping.host import Sweep, block
from tests.support.thorough import one_in

Array = NDArray[Any]
ROOT = 2.0**-0.5


def _gelu(x: arb) -> arb:
    return x * (-x / arb(2).sqrt()).erfc() / 2


#: Activation, the exponent of its binade, the function in Arb and results with errors of some units.
CASES: list[tuple[str, int, Callable[[arb], arb], Callable[[Array], Array]]] = [
    ("tanh", -1, lambda x: x.tanh(), np.tanh),
    ("sigmoid", 0, lambda x: 1 / (1 + (-x).exp()), lambda x: 1 / (1 + np.exp(-x))),
    ("softsign", 1, lambda x: x / (1 + abs(x)), lambda x: x / (1 + np.abs(x))),
    ("silu", 2, lambda x: x / (1 + (-x).exp()), lambda x: x / (1 + np.exp(-x))),
]


@pytest.mark.parametrize("count", one_in(2, (1 << 21, 1 << 23)))
@pytest.mark.parametrize(("name", "exponent", "function", "backend"), CASES, ids=[c[0] for c in CASES])
def test_the_maximum_of_a_binade(
    name: str, exponent: int, function: Callable[[arb], arb], backend: Callable[[Array], Array], count: int
) -> None:
    start = (127 + exponent) << 23
    spec = loading.find(name)
    sweep = Sweep(bind(spec, spec.default), "forward")
    worst, not_rounded, at = 0.0, 0, 0.0
    precision, ctx.prec = ctx.prec, 64
    try:
        for first in range(start, start + count, 1 << 18):
            x = block(first, 1 << 18, True)
            y = backend(x).astype(np.float32)
            sweep.judge(first, x, y)
            errors = _errors(function, x, y)
            not_rounded += int((errors > 0.5).sum())
            if errors.max() > worst:
                worst, at = float(errors.max()), float(x[errors.argmax()])
    finally:
        ctx.prec = precision
    verdict = sweep.verdict()
    low, high = verdict.max_ulp
    assert low * (1 - 1e-9) <= worst <= high * (1 + 1e-9), at
    assert verdict.not_correctly_rounded == not_rounded
    assert verdict.points == count


def _errors(function: Callable[[arb], arb], x: Array, y: Array) -> Array:
    """Errors in ULP of the exact values."""
    values = [function(arb(v)) for v in x.tolist()]
    apart = np.array([float(abs(z - got)) for z, got in zip(values, y.tolist(), strict=True)])
    exponents = np.frexp(np.array([float(z) for z in values]))[1] - 1
    return np.asarray(np.ldexp(apart, 23 - exponents))
