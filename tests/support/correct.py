"""Backends that are right, each in a way of its own: whoever accuses one raises a false alarm.

They are made from the reference, for every form that numpy's backend has: ``tests/support/correct.py:Exact``.
What is no element-wise function (prelu, crelu, random slopes, attention) is numpy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Description, Parameters
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.adapters.numpy_backend.arrays import floating, matching
from actcheck.adapters.numpy_backend.elementwise import Elementwise
from actcheck.adapters.numpy_backend.structured import GLU
from actcheck.reference.answers.parts import Part, taken_apart
from actcheck.reference.answers.rounding import rounded
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.number_models import NumberModel, judged_in
from actcheck.reference.judging.points import Points
from actcheck.reference.specification import loading
from actcheck.reference.sweeping.claims import claims

Array = NDArray[Any]
#: Odd, so that multiplying mixes the bits (D. Knuth, The Art of Computer Programming 3, 6.4).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Manner:
    """How a right answer is chosen among several, and computed."""

    #: In ULP: an answer may be the farther neighbour, where that is off by no more.
    noise: float = 0.0
    flush_inputs: bool = False
    flush_results: bool = False
    #: Elements that are computed at once; all where it is 0.
    chunk: int = 0

    def answers(
        self,
        name: str,
        parameters: Parameters,
        quantity: str,
        x: Array,
        factor: Array | None = None,
        guess: Callable[..., Array] | None = None,
    ) -> Array:
        """A quantity of an activation at x, times a factor (float64) of the shape of the result.

        In float64 a guess of the same, which takes arrays of one dimension, saves time where it is right.
        """
        form = FORMATS[x.dtype.name]
        if self.flush_inputs:
            x = _flushed(form, x)
            factor = None if factor is None else _flushed(form, factor)
        asked = taken_apart(loading.find(name), x, quantity, parameters)
        result = np.empty(asked.shape, x.dtype)
        with np.errstate(all="ignore"), judged_in(NumberModel()):
            for part in asked.parts:
                more = None if factor is None else part.of(np.broadcast_to(factor, asked.shape))
                asking = _Asking(part, form, guess if form.name == "float64" else None, self.noise)
                part.of(result)[...] = self._of(asking, more).reshape(part.x.shape)
        return _flushed(form, result) if self.flush_results else result

    def _of(self, asking: _Asking, more: Array | None) -> Array:
        part = asking.part
        given = [f for f in (part.factor, more) if f is not None]
        factor = np.ascontiguousarray(math.prod(given)).reshape(-1) if given else None
        x = np.ascontiguousarray(part.x).reshape(-1)
        size = self.chunk or max(len(x), 1)
        pieces = [slice(start, start + size) for start in range(0, len(x), size)]
        found = [asking.answers(x[at], None if factor is None else factor[at]) for at in pieces]
        return np.concatenate(found) if found else np.empty(0, x.dtype)


@dataclass(frozen=True)
class _Asking:
    """One function of one number, in a format."""

    part: Part
    form: Format
    guess: Callable[..., Array] | None
    noise: float

    def answers(self, x: Array, factor: Array | None) -> Array:
        """At flat inputs, times factors."""
        y = self._rounded(x, factor)
        # Where the specification demands exact results there is but one.
        if not self.noise or not self.part.bound.spec.accuracy[self.part.quantity].ulp:
            return y
        other = _neighbours(self.form, x, factor, y)
        right = self._judged(x, other, factor, lambda points: points.high <= self.noise)
        right &= np.isfinite(other.astype(np.float64))
        if self.part.quantity == "forward" and factor is None:
            for claim in claims(self.part.bound, self.form):
                right &= (other >= claim.low) & (other <= claim.high)
        return np.where(right, other, y)

    def _rounded(self, x: Array, factor: Array | None) -> Array:
        if self.guess is None:
            return rounded(self.part.bound, self.part.quantity, self.form, x, factor)
        y = self.guess(x) if factor is None else self.guess(x, factor)
        wrong = ~self._judged(x, y, factor, lambda points: points.correct)
        some = None if factor is None else factor[wrong]
        y[wrong] = rounded(self.part.bound, self.part.quantity, self.form, x[wrong], some)
        return y

    def _judged(self, x: Array, y: Array, factor: Array | None, right: Callable[[Points], Array]) -> Array:
        """Where results are in no class of wrong ones, and right; nowhere beside infinite factors."""
        asked = np.ones(len(x), bool) if factor is None else np.isfinite(factor)
        times = 1.0 if factor is None else factor[asked]
        points = Points.of(self.part.bound, self.part.quantity, self.form, x[asked], y[asked], times)
        found = right(points)
        for wrong in points.classes.values():
            found = found & ~wrong
        asked[asked] = found
        return asked


def _neighbours(form: Format, x: Array, factor: Array | None, y: Array) -> Array:
    """The number next to each result: which one depends on the sizes of input and factor alone.

    So an odd function stays odd, and the same input has the same result wherever it stands.
    """
    seed = np.abs(x.astype(np.float64)).view(np.uint64)
    if factor is not None:
        seed = seed * _GOLDEN ^ np.abs(factor).view(np.uint64)
    outwards = (seed * _GOLDEN >> np.uint64(63)).astype(bool)
    size = form.keys(np.abs(y))
    moved = form.values(np.where(outwards, size + 1, np.maximum(size - 1, 0)))
    return np.copysign(moved, y)


def _flushed(form: Format, values: Array) -> Array:
    small = np.abs(values.astype(np.float64)) < form.smallest_normal
    return np.where(small, np.copysign(np.zeros_like(values), values), values)


class Right(Elementwise):
    """An element-wise activation of numpy's backend, with right results in its place."""

    def __init__(self, made: Elementwise, name: str, parameters: Parameters, manner: Manner) -> None:
        self.made, self.name, self.parameters, self.manner = made, name, {**parameters}, manner
        self.has_in_place = made.has_in_place  # type: ignore[misc]

    @property
    def label(self) -> str:
        return self.made.label

    def __repr__(self) -> str:
        return repr(self.made)

    def integers(self, x: Array) -> Array:
        return self.made.integers(x)

    def __call__(self, x: Any) -> Array:
        array = np.asarray(x)
        if np.issubdtype(array.dtype, np.integer):
            return np.asarray(self.integers(array))
        given = floating(array, self.label)
        return self.manner.answers(self.name, self.parameters, "forward", given, guess=self.made)

    def differentiated(self, x: Any, upstream: Any) -> Array:
        return self._times("gradient", x, upstream)

    def differentiated_twice(self, x: Any, *factors: Any) -> Array:
        return self._times("second_derivative", x, *factors)

    def _times(self, quantity: str, x: Any, *factors: Any) -> Array:
        array = floating(x, self.label)
        given = [matching(f, array.shape, array.dtype, self.label).astype(np.float64) for f in factors]
        with np.errstate(all="ignore"):
            factor = math.prod(given) if given else None
        guess = self._guessed if quantity == "gradient" else self.made.differentiated_twice
        return self.manner.answers(self.name, self.parameters, quantity, array, factor, guess)

    def _guessed(self, x: Array, factor: Array | None = None) -> Array:
        return self.made.differentiated(x, np.ones_like(x) if factor is None else factor)


class RightGLU(GLU):
    """glu; the gradient is numpy's in float64, where the product of two factors is rounded."""

    def __init__(self, dim: int, manner: Manner) -> None:
        super().__init__(dim)
        object.__setattr__(self, "manner", manner)

    def __repr__(self) -> str:
        return repr(GLU(self.dim))

    def __call__(self, x: Any) -> Array:
        array = floating(x, "GLU")
        self._halves(array)
        return self._answers("forward", array)

    def differentiated(self, x: Any, upstream: Any) -> Array:
        array = floating(x, "GLU")
        if array.dtype == np.float64:
            return super().differentiated(x, upstream)
        halves = self._halves(array)
        given = matching(upstream, halves[0].shape, array.dtype, "GLU").astype(np.float64)
        return self._answers("gradient", array, np.concatenate([given, given], axis=self.dim))

    def _answers(self, quantity: str, x: Array, factor: Array | None = None) -> Array:
        manner: Manner = self.manner  # type: ignore[attr-defined]
        return manner.answers("glu", {"dim": self.dim}, quantity, x, factor)


@cache
def _numpy() -> NumpyAdapter:
    return NumpyAdapter()


class Exact(NumpyAdapter):
    """Every result is the correctly rounded one."""

    name = "exact"
    manner = Manner()

    def describe(self) -> Description:
        """As numpy's, with the number model of the manner."""
        inputs, results = self.manner.flush_inputs, self.manner.flush_results
        model = "flush_inputs_and_results" if inputs else "flush_results" if results else "ieee"
        return replace(super().describe(), framework="actcheck", number_model=model)

    def implementation(self, activation: str, parameters: Parameters) -> Any:
        """numpy's, which checks the parameters, with right results in the place of its own."""
        made = super().implementation(activation, parameters)
        if isinstance(made, Elementwise):
            return Right(made, activation, parameters, self.manner)
        return RightGLU(made.dim, self.manner) if isinstance(made, GLU) else made

    def sample(self, activation: str, x: Array, upstream: Array, parameters: Parameters, seed: int) -> Any:
        """numpy's."""
        return _numpy().sample(activation, x, upstream, parameters, seed)


class Noisy(Exact):
    """Results are off by 0.9 ULP at most; which of two it is depends on the input alone."""

    name = "noisy"
    manner = Manner(noise=0.9)


class Flushing(Exact):
    """Zero stands for subnormal results."""

    name = "flushing"
    manner = Manner(flush_results=True)


class FlushingAll(Exact):
    """Zero stands for subnormal inputs, upstreams and results."""

    name = "flushing-all"
    manner = Manner(flush_inputs=True, flush_results=True)


class Chunked(Exact):
    """Arrays are computed in pieces of a length that divides nothing."""

    name = "chunked"
    manner = Manner(chunk=1009)


#: All of them.
CORRECT: tuple[type[Exact], ...] = (Exact, Noisy, Flushing, FlushingAll, Chunked)
