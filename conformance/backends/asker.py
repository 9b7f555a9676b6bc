"""The one way in which a check asks a backend: what comes back is of the right form, or the question ends.

A check writes down what it asks and how it judges, as if every call were answered. What ends a question on
the way is an `UnansweredError`, of which whoever put the question makes an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter, DoubleBackward, Parameters, Unsupported
from actcheck.adapters.raised import shortened, text_of
from actcheck.conformance.model import Answer, Context, Fault, Finding, NotApplicable, Question

Array = NDArray[Any]
T = TypeVar("T")
#: No message needs more of an exception's text: the cause may stand in its fourth line.
_LONGEST = 300


class UnansweredError(Exception):
    """A call that gave nothing to judge; the text is a sentence."""


class UnsupportedError(UnansweredError):
    """The backend lacks what it was asked for; the text is its reason."""


class FaultError(UnansweredError):
    """A call that ended in a fault: it raised an exception, or its result has the wrong form."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault

    def __str__(self) -> str:
        return self.fault.message


def ended(error: UnansweredError) -> Answer:
    """The answer of a question that ended so."""
    return Finding((error.fault,)) if isinstance(error, FaultError) else NotApplicable(str(error))


def answered(given: T | Unsupported) -> T:
    """What a call gave. Raises UnsupportedError."""
    if isinstance(given, Unsupported):
        raise UnsupportedError(given.reason)
    return given


def formed(like: Array, given: object) -> Array:
    """A result of the format and shape of an array. Raises UnsupportedError and FaultError."""
    y = answered(given)
    if isinstance(y, np.generic):  # numpy's own functions make one of an array without dimensions
        y = np.asarray(y)
    if y is None or (isinstance(y, np.ndarray) and y.shape == () and y.dtype == object and y[()] is None):
        told = f"returned None, expected an array of {like.dtype}, or an Unsupported with the reason"
        raise _wrong_format(told)
    if not isinstance(y, np.ndarray):
        raise _wrong_format(f"returned a {type(y).__name__}, expected an array of {like.dtype}")
    if y.dtype != like.dtype:
        raise _wrong_format(f"returned {y.dtype} for an input in {like.dtype}, expected {like.dtype}")
    if y.shape != like.shape:
        told = f"returned shape {y.shape} for an input of shape {like.shape}"
        raise FaultError(Fault("wrong_shape", told))
    return y


def _wrong_format(message: str) -> FaultError:
    return FaultError(Fault("wrong_format", message))


@contextmanager
def calling(what: str) -> Iterator[None]:
    """An exception of a call with good parameters is a fault; ``what`` names the call. Raises FaultError.

    That memory is short says nothing of the call, and passes through.
    """
    try:
        yield
    except (UnansweredError, MemoryError):
        raise
    except Exception as error:  # whatever a framework raises
        told = f"raised: {what} raised {in_a_line(error)}, expected a result"
        raise FaultError(Fault("raised", told)) from error


@contextmanager
def told_as(change: Callable[[Fault], Fault]) -> Iterator[None]:
    """A fault of a call is told as the check tells it, with the place it happened in. Raises FaultError."""
    try:
        yield
    except FaultError as error:
        raise FaultError(change(error.fault)) from error


def in_a_line(error: Exception) -> str:
    """An exception's type and its text."""
    text = shortened(" ".join(text_of(error).split()), _LONGEST)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@dataclass(frozen=True)
class Refusal:
    """What a backend raised when it was called with what it should not compute, in a line."""

    words: str


#: What code that breaks raises, and nobody who looks at what he was given. Others may be refusals: of a
#: dimension by IndexError, of a parameter 0 by ZeroDivisionError, of one for integers by OverflowError.
_BREAKDOWNS = (
    AttributeError,
    BufferError,
    EOFError,
    ImportError,
    NameError,
    OSError,
    RecursionError,
    ReferenceError,
    StopIteration,
    SystemError,
)


def tried(call: Callable[[], T | Unsupported]) -> T | Refusal:
    """What a call gives that should be refused, or how it was.

    Raises UnsupportedError, and FaultError where the call broke down instead.
    """
    try:
        given = call()
    except MemoryError:  # it was not refused, it failed
        raise
    except _BREAKDOWNS as error:
        told = f"raised: the call broke down with {in_a_line(error)}, expected a result or a refusal"
        raise FaultError(Fault("raised", told)) from error
    except Exception as error:  # whatever else a framework raises is a refusal
        return Refusal(in_a_line(error))
    return answered(given)


#: The length of arrays of points, for a backend that compiles for every new shape.
_POINTS = 1024


@dataclass(frozen=True)
class Asker:
    """A backend as one question asks it; each method raises UnsupportedError and FaultError.

    Arrays are host arrays, in the question's format where nothing else is given; parameters are those of the
    question's variant where none are given. What a backend raises passes through (see `calling`).
    """

    question: Question
    adapter: Adapter
    #: How long an array is whose length says nothing; 0 for as long as there are points.
    block: int = 0

    @classmethod
    def of(cls, question: Question, context: Context) -> Asker:
        """The backend of a context, asked this question."""
        return cls(question, context.adapter, _POINTS if context.few_shapes else 0)

    def points(self, x: Array) -> Array:
        """The question's quantity at points, asked in whatever arrays of one dimension are best."""
        if not self.block or not len(x):
            return self.results(x)
        blocks = np.resize(x, -(-len(x) // self.block) * self.block).reshape(-1, self.block)
        return np.concatenate([self.results(block.copy()) for block in blocks])[: len(x)]

    def results(self, x: Array, upstream: Array | None = None) -> Array:
        """The question's quantity at x: for gradients, times an upstream of ones if none is given."""
        match self.question.quantity:
            case "forward":
                return self.forward(x)
            case "gradient":
                return self.gradient(x, np.ones_like(x) if upstream is None else upstream)
        name = self.question.activation
        return formed(x, self.adapter.second_derivative(name, x, self._parameters(None)))

    def forward(self, x: Array, parameters: Parameters | None = None, like: Array | None = None) -> Array:
        """The result at x, which has the shape of x, or that of ``like``."""
        given = self.adapter.forward(self.question.activation, x, self._parameters(parameters))
        return formed(x if like is None else like, given)

    def gradient(self, x: Array, upstream: Array, parameters: Parameters | None = None) -> Array:
        """The gradient at x for an upstream of the shape of the result."""
        name = self.question.activation
        return formed(x, self.adapter.gradient(name, x, upstream, self._parameters(parameters)))

    def jvp(self, x: Array, tangent: Array) -> Array:
        """The derivative at x times the tangent, by forward mode."""
        return formed(x, self.adapter.jvp(self.question.activation, x, tangent, self._parameters(None)))

    def double_backward(self, x: Array, upstream: Array, second: Array) -> DoubleBackward:
        """What flows back through the gradient."""
        name = self.question.activation
        given = answered(self.adapter.double_backward(name, x, upstream, second, self._parameters(None)))
        return DoubleBackward(formed(x, given.input), formed(x, given.upstream))

    def _parameters(self, given: Parameters | None) -> Parameters:
        """A table of the call's own: a backend may write to it."""
        return {**(self.question.variant.parameters if given is None else given)}
