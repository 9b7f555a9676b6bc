"""Calls in training, and the slopes that they drew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter, Unsupported
from actcheck.conformance.backends.asker import UnsupportedError, answered, formed
from actcheck.conformance.checks.parts.shared.statistics import Doubles
from actcheck.conformance.model import Context, Question
from actcheck.reference.formats import FORMATS

Array = NDArray[Any]
#: Powers of two: slopes times them, and slopes from results, are exact.
_SIZES, _UPSTREAMS = (1.0, 2.0, 4.0), (-2.0, -1.0, 0.5, 1.0)


@dataclass(frozen=True)
class Drawn:
    """Input, result, upstream and gradient of a call in training."""

    x: Doubles
    y: Doubles
    upstream: Doubles
    #: None where the backend has none.
    gradient: Doubles | None

    @property
    def negative(self) -> NDArray[np.bool_]:
        """Where a slope was drawn."""
        return self.x < 0

    @property
    def slopes(self) -> Doubles:
        """The slope of each element; 1 where it was not negative."""
        return self.y / self.x


@dataclass(frozen=True)
class Sampler:
    """A backend as one question asks it to draw; calls raise UnsupportedError and FaultError."""

    question: Question
    adapter: Adapter

    @classmethod
    def of(cls, question: Question, context: Context) -> Sampler:
        """The backend of a context, asked this question."""
        return cls(question, context.adapter)

    def sampled(self, x: Array, upstream: Array, seed: int) -> tuple[Array, Array | None]:
        """Result and gradient of one call, None where there is no gradient."""
        parameters = {**self.question.variant.parameters}
        try:
            given = self.adapter.sample(self.question.activation, x, upstream, parameters, seed)
        except NotImplementedError as error:  # so torch says that a kernel lacks a format
            raise UnsupportedError(str(error).partition("\n")[0]) from error
        y, gradient = answered(given)
        return formed(x, y), None if isinstance(gradient, Unsupported) else formed(x, gradient)

    def drawn(self, x: Array, upstream: Array, seed: int) -> Drawn:
        """The same as wide numbers."""
        y, gradient = self.sampled(x, upstream, seed)
        wide = [None if a is None else a.astype(np.float64) for a in (x, y, upstream, gradient)]
        return Drawn(*wide)  # type: ignore[arg-type]

    def slopes(self, count: int, seed: int) -> Doubles:
        """The slopes of so many elements that are all negative."""
        x = -np.ones(count, FORMATS[self.question.format].dtype)
        return replace(self.drawn(x, -x, seed), x=-np.ones(count)).slopes


def inputs(question: Question, shape: tuple[int, ...], every: int) -> tuple[Array, Array]:
    """Negative inputs, but for the last of ``every`` so many columns; and upstreams of either sign."""
    form, random = FORMATS[question.format], np.random.default_rng(11)
    x = -random.choice(_SIZES, shape)
    x[..., every - 1 :: every] *= -1
    return x.astype(form.dtype), random.choice(_UPSTREAMS, shape).astype(form.dtype)
