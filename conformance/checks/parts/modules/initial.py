"""Initial weights, as torch documents them: constants, and random numbers of a stated law.

Random weights of `_MODULES` modules with different seeds are pooled; each test of them accuses a correct
backend with a probability of `EACH` at most, the range of a uniform law never.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from actcheck.adapters.base import Module
from actcheck.conformance.backends.asker import Asker, answered
from actcheck.conformance.checks.parts.shared.statistics import EACH
from actcheck.conformance.model import Fault
from actcheck.reference.formats import FORMATS

Array = NDArray[Any]
Doubles = NDArray[np.float64]
_MODULES = 24


@dataclass(frozen=True)
class Law:
    """How weights of a shape are drawn."""

    #: In words, for messages.
    words: str
    #: From a shape to the half width of a uniform law, the deviation of a normal one, or the constant.
    size: Callable[[tuple[int, ...]], float]
    kind: str


def _glorot(shape: tuple[int, ...]) -> float:
    return math.sqrt(6 / (shape[0] + shape[1]))


_PROJECTION = Law("uniform on +-sqrt(6/(rows + columns)), Xavier's law", _glorot, "uniform")
_ZERO = Law("zeros", lambda shape: 0.0, "constant")
_ROW = Law("normal with deviation 1/sqrt(embed_dim), Xavier's law", lambda s: s[-1] ** -0.5, "normal")
_LINEAR = Law("uniform on +-1/sqrt(columns), that of a linear layer", lambda s: s[1] ** -0.5, "uniform")
#: Of attention's weights, by name.
ATTENTION: Mapping[str, Law] = {
    **dict.fromkeys(("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"), _PROJECTION),
    **dict.fromkeys(("in_proj_bias", "out_proj_bias"), _ZERO),
    **dict.fromkeys(("bias_k", "bias_v"), _ROW),
    "out_proj_weight": _LINEAR,
}


def of_attention(asker: Asker, seed: int) -> Iterator[Fault]:
    """The faults of attention's initial weights. Raises UnsupportedError."""
    states = [answered(constructed(asker, seed + n).state()) for n in range(_MODULES)]
    for name, first in states[0].items():
        law = ATTENTION.get(name)
        numbers = np.concatenate([state[name].astype(np.float64).ravel() for state in states])
        told = "is not known" if law is None else _wrong(law, first.shape, numbers, asker.question.format)
        if told:
            yield Fault(f"initial:{name}", f"initial:{name}: {told}; expected {law.words if law else 'none'}")


def of_channels(asker: Asker, module: Module, wanted: Mapping[str, Array]) -> Iterator[Fault]:
    """The faults of a channelwise activation's initial weights."""
    found = answered(module.state())
    for name, weight in wanted.items():
        if name not in found or not np.array_equal(found[name], weight):
            got = found[name].tolist() if name in found else "none"
            what = f"initial:{name}"
            yield Fault(what, f"{what}: got {got}, expected {weight.tolist()}, as the parameters say")


def constructed(asker: Asker, seed: int) -> Module:
    """A new module of the question's variant, in its format. Raises UnsupportedError."""
    question = asker.question
    name, parameters = question.activation, question.variant.parameters
    return answered(asker.adapter.module_object(name, parameters, question.format, seed))


def _wrong(law: Law, shape: tuple[int, ...], numbers: Doubles, format_name: str) -> str:
    """What is wrong with numbers, in words; empty if nothing, or if it may be chance."""
    form, size = FORMATS[format_name], law.size(shape)
    if law.kind == "constant":
        return "" if (numbers == size).all() else f"{float(numbers[numbers != size][0])} among them"
    # Rounding to the format moves a number by half a unit of the largest at most.
    slack = 2.0 ** (math.floor(math.log2(size)) - form.precision + 1)
    largest = float(np.abs(numbers).max())
    if law.kind == "uniform" and largest > size + slack:
        return f"{largest:.6g} is beyond +-{size:.6g}"
    ordered = np.sort(np.ravel(numbers)).astype(np.float64) / size
    below = np.clip((ordered + 1) / 2, 0, 1) if law.kind == "uniform" else scipy.special.ndtr(ordered)
    # A distribution function moves no further than the density times what rounding moves a number.
    dense = 1 / (2 * size) if law.kind == "uniform" else 1 / (size * math.sqrt(2 * math.pi))
    distance = _distance(below)
    # Twice the exact chance of one side is no less than that of either.
    if 2 * float(scipy.special.smirnov(len(ordered), max(distance - dense * slack, 0.0))) < EACH:
        return f"their distribution is {distance:.3g} away from it (Kolmogorov and Smirnov)"
    return ""


def _distance(below: Doubles) -> float:
    """Kolmogorov and Smirnov's distance of a sample, in order, whose law gives these probabilities."""
    count = len(below)
    steps = np.arange(count + 1) / count
    return float(max((steps[1:] - below).max(), (below - steps[:-1]).max()))
