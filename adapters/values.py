"""What crosses the boundary between the harness and an adapter beside arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

from numpy.typing import NDArray

from actcheck.adapters.raised import shortened

Array = NDArray[Any]
Parameters = Mapping[str, Any]
Function = Callable[..., Any]
#: Slices, or one ellipsis: what array frameworks and numpy alike take as ``base[index]``, and give a view.
Index = tuple[slice | EllipsisType, ...]


#: Characters of a reason.
_LONGEST = 1000


@dataclass(frozen=True)
class Unsupported:
    """The answer of a backend that lacks something: a value, never an exception."""

    #: One sentence a person can read: what is missing, and why. What is no text, or too long, is replaced.
    reason: str

    def __post_init__(self) -> None:
        reason: object = self.reason
        said = reason if isinstance(reason, str) and reason.strip() else "the adapter gives no reason"
        object.__setattr__(self, "reason", shortened(said, _LONGEST))


class BackendLostError(BaseException):
    """What ran the backend crashed, hung or cannot be understood, and there is no answer.

    Neither a refusal nor a fault of an answer, so it is no `Exception`, of which checks make these: it ends
    the question as an error, and no other. The text is a sentence.
    """


@dataclass(frozen=True, eq=False)
class Operator:
    """A framework's function of an activation, with what it does not take; called as the function is."""

    function: Function
    #: Parameters that the function does not take, with the values that it computes with.
    fixed: Parameters = field(default_factory=dict)
    #: The formats it computes in, where they are not all of the backend's.
    formats: tuple[str, ...] | None = None
    #: The formats of single quantities, where they are fewer; none where there is no such quantity.
    quantities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: What it is composed of, where the framework has no operator of its own (see `composed`).
    composition: str = ""

    def __call__(self, x: Any, **parameters: Any) -> Any:
        """The function's result; fixed parameters are not handed on."""
        return self.function(x, **{n: value for n, value in parameters.items() if n not in self.fixed})

    def limit(self, parameters: Parameters, format_name: str, quantity: str) -> str | None:
        """Why it cannot be asked this, in the words of a predicate; None where it can."""
        for name, value in self.fixed.items():
            if name in parameters and not _same(parameters[name], value):
                return f"has no parameter {name}: it is always {value!r}"
        if self.formats is not None and format_name and format_name not in self.formats:
            return f"does not compute in {format_name}"
        if format_name and format_name not in self.quantities.get(quantity, (format_name,)):
            return f"has no {quantity.replace('_', ' ')} in {format_name}"
        return None


def composed(of: str, function: Function, **limits: Any) -> Operator:
    """A function that is a composition of the framework's operators, and none of its own.

    ``of`` tells the composition, such as ``x - tanh(x)``; what is wrong with the result is then told of it.
    Other arguments are fields of `Operator`.
    """
    return Operator(function, composition=of, **limits)


def _same(value: Any, fixed: Any) -> bool:
    """Equal, and of one kind: True is not 1."""
    return isinstance(value, bool) == isinstance(fixed, bool) and bool(value == fixed)


@dataclass(frozen=True)
class DoubleBackward:
    """What flows back through a gradient, u*f'(x), for an upstream v of its own."""

    #: v*u*f''(x), the gradient with respect to x.
    input: Array
    #: v*f'(x), the gradient with respect to u, whatever u is.
    upstream: Array


@dataclass(frozen=True)
class InPlaceSlice:
    """What an in-place call on a part of an array did."""

    #: The whole array afterwards, what lies beside the part included.
    base: Array
    #: What the call returned: the part.
    result: Array
    #: The gradient with respect to the whole array as it was, or why there is none.
    gradient: Array | Unsupported


class Module:
    """A module form as an object: called with the framework's arrays, it has more that users do with it.

    Each method answers `Unsupported` where a framework has no such thing. Those that give a module give
    another one, which shares nothing with this one.
    """

    def __call__(self, x: Any) -> Any:
        """The activation of the framework's array."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__()")

    def text(self) -> str | Unsupported:
        """What is printed for it."""
        return repr(self)

    def pickled(self) -> Module | Unsupported:
        """Written out and read again."""
        return Unsupported("modules cannot be pickled")

    def copied(self) -> Module | Unsupported:
        """A deep copy."""
        return Unsupported("modules cannot be copied")

    def training(self, on: bool) -> Module | Unsupported:
        """In training, or in evaluation."""
        return Unsupported("modules have no training mode")

    def converted(self, format_name: str) -> Module | Unsupported:
        """With its weights and constants in another format."""
        return Unsupported("modules have no format")

    def state(self) -> Mapping[str, Array] | Unsupported:
        """Its weights by name, as in the specification and in `AttentionCall`; empty where it has none.

        Projections that the framework keeps in one matrix are ``in_proj_weight``.
        """
        return Unsupported("modules have no state")

    def load(self, state: Mapping[str, Array]) -> Unsupported | None:
        """Put these weights in the place of its own."""
        return Unsupported("modules load no state")
