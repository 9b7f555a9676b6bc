"""What crosses the boundary between the harness and an adapter beside arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import EllipsisType
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = Mapping[str, Any]
Function = Callable[..., Any]
#: Slices, or one ellipsis: what array frameworks and numpy alike take as ``base[index]``, and give a view.
Index = tuple[slice | EllipsisType, ...]


@dataclass(frozen=True)
class Unsupported:
    """The answer of a backend that lacks something: a value, never an exception."""

    #: One sentence a person can read: what is missing, and why.
    reason: str


class BackendLostError(BaseException):
    """What ran the backend crashed, hung or cannot be understood, and there is no answer.

    Neither a refusal nor a fault of an answer, so it is no `Exception`, of which checks make these: it ends
    the question as an error, and no other. The text is a sentence.
    """


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
