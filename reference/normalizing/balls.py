"""Arrays of Arb's balls, and binary64 numbers of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

Balls = Any  # an array of one dimension
Doubles = NDArray[np.float64]
#: What two numbers of 53 bits leave of a number is less than this share of it.
_LEFT = arb(2) ** -104


def array_of(balls: Sequence[Any]) -> Balls:
    """An array of these balls."""
    made = np.empty(len(balls), object)
    made[:] = balls
    return made


def spread_out(balls: Balls, like: Balls) -> Balls:
    """As many as there are of others: a constant is one ball for all."""
    return balls if len(balls) == len(like) else array_of([balls[0]] * len(like))


def up(balls: Balls) -> Doubles:
    """At least their magnitudes, but for a last rounding to binary64."""
    return np.array([float(v.abs_upper()) for v in balls], np.float64)


def parts(balls: Balls) -> tuple[Doubles, Doubles, Doubles]:
    """Their values as ``main + rest``, and how far the exact ones may be from these."""
    main = np.array([float(v) for v in balls], np.float64)
    finite = np.isfinite(main).tolist()
    triples = list(zip(balls, main.tolist(), finite, strict=True))
    rest = [float(v - m) if ok else 0.0 for v, m, ok in triples]
    wide = [float((v.rad() + abs(v.mid()) * _LEFT).abs_upper()) if ok else 0.0 for v, _, ok in triples]
    return main, np.array(rest, np.float64), np.array(wide, np.float64)
