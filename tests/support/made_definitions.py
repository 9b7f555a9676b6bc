"""Definitions that tests write themselves, and every path by which results for them are judged."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.evaluation.mp import to_fraction
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.verdict import Verdict
from actcheck.reference.specification.binding import Bound, bind
from actcheck.reference.specification.loading import find
from actcheck.reference.specification.model import Variant
from actcheck.reference.sweeping.host import Sweep, block
from tests.support.device_judge import OnTensors

Array = NDArray[Any]
FORM = FORMATS["float32"]
#: Ways to judge the same results: blocks on the host, blocks on a device, points in any order.
PATHS = ("host", "device", "points")

_TEMPLATE = """
id: {id}
title: Made
summary: A definition that a test writes.
kind: elementwise
aliases: []
sources:
  - {{title: None, authors: nobody, year: 2000, url: "https://example.org"}}
parameters: []
shape: {{input: (*), output: (*)}}
definition:
{definition}
limits:
  forward: {{minus_infinity: 0, plus_infinity: 0}}
  gradient: {{minus_infinity: 0, plus_infinity: 0}}
  second_derivative: {{minus_infinity: 0, plus_infinity: 0}}
zero_sign: either
kinks: {kinks}
properties: []
variants:
  - {{kind: default, parameters: {{}}}}
refused: []
accuracy:
  forward: {{ulp: 4, because: a test}}
  gradient: {{ulp: 4, because: a test}}
  second_derivative: {{ulp: 4, because: a test}}
scale: {{forward: {scale}, gradient: 0, second_derivative: 0}}
in_place: false
plot: {{title: Made}}
"""


def made(folder: Path, *cases: str, kinks: str = "[]", scale: str = "0") -> Bound:
    """A definition of these cases (``"0 < x: x/2"``; the last has no condition), read from YAML."""
    lines = []
    for case in cases:
        when, _, value = case.rpartition(":")
        lines.append(f"  - {{when: {when}, value: {value}}}" if when else f"  - {{value: {value}}}")
    path = folder / "made.yaml"
    path.write_text(
        _TEMPLATE.format(id="made", definition="\n".join(lines), kinks=kinks, scale=scale), "utf-8"
    )
    spec = find(str(path))
    return bind(spec, spec.default)


def ours(name: str, **parameters: float) -> Bound:
    """One of the project's activations at these parameters."""
    spec = find(name)
    return bind(spec, Variant(name, "exact", {**spec.default.parameters, **parameters}, parameters))


def floats(first: float, count: int = 1) -> Array:
    """Consecutive float32 inputs of one sign from one on, ascending in magnitude."""
    start = int(np.array([abs(first)], np.float32).view(np.int32)[0])
    return block(start, count, first > 0 or str(first) == "0.0")


def rounded(bound: Bound, quantity: str, x: Array) -> Array:
    """Correctly rounded results."""
    return np.array(
        [FORM.rounded(to_fraction(bound.exact(quantity, Fraction(v)))) for v in x.tolist()], np.float32
    )


def units_off(y: Array, units: int) -> Array:
    """The floats so many patterns above these."""
    return FORM.values(FORM.keys(y) + units)


def judged(path: str, bound: Bound, quantity: str, *parts: tuple[Array, Sequence[float] | Array]) -> Verdict:
    """The verdict on blocks of consecutive inputs (see `floats`) with their results, by one of `PATHS`."""
    blocks = [(x, np.asarray(y, np.float32)) for x, y in parts]
    with np.errstate(all="ignore"):
        if path == "points":
            x, y = (np.concatenate(arrays) for arrays in zip(*blocks, strict=True))
            return Points.of(bound, quantity, FORM, x, y).verdict()
        sweep = Sweep(bound, quantity) if path == "host" else OnTensors(bound, quantity)
        for x, y in blocks:
            start, positive = int(x[:1].view(np.int32)[0]) & 0x7FFFFFFF, not np.signbit(x[0])
            if isinstance(sweep, Sweep):
                sweep.judge(start, x, y)
            else:
                sweep.judge(start, positive, x, y)
        return sweep.verdict()
