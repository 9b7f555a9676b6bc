"""Number models: what arithmetic a backend documents, where that is not all of IEEE 754.

Many devices flush subnormal numbers to zero, and are right by their own documents. A model says which answers
are right beside the one of IEEE arithmetic; it is in force for a block of code, as decimal contexts are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

IEEE = "ieee"
#: The names, each with what it allows. Several are joined by ``+``.
MODELS = {
    IEEE: "subnormal numbers and the signs of zeros are those of IEEE 754",
    "flush_results": "zero may stand for a subnormal result",
    "flush_inputs_and_results": "zero may stand for a subnormal input, upstream or result",
    "no_zero_sign": "a zero may have either sign",
}
#: What a model has or has not, by the name of its field; the last two are conventions of dialects.
_FLAGS = ("no_zero_sign", "any_slope_at_nan", "zero_at_nan")


@dataclass(frozen=True)
class NumberModel:
    """What is right beside the answers of IEEE arithmetic."""

    flush_results: bool = False
    flush_inputs: bool = False
    no_zero_sign: bool = False
    #: A derivative at NaN may be any value.
    any_slope_at_nan: bool = False
    #: Zero may be the result at NaN.
    zero_at_nan: bool = False

    @classmethod
    def named(cls, name: str) -> NumberModel:
        """The model of one of `MODELS`, or of several joined by ``+``. Raises ValueError for others."""
        parts = [part.strip() for part in name.split("+")]
        unknown = [part for part in parts if part not in MODELS and part not in _FLAGS]
        if unknown:
            raise ValueError(f"no number model {unknown[0]!r}; known: {', '.join(MODELS)}, joined by +")
        inputs = "flush_inputs_and_results" in parts
        return cls(inputs or "flush_results" in parts, inputs, **{flag: flag in parts for flag in _FLAGS})

    def __str__(self) -> str:
        flush = "flush_inputs_and_results" if self.flush_inputs else "flush_results" * self.flush_results
        return "+".join(filter(None, (flush, *(flag * getattr(self, flag) for flag in _FLAGS)))) or IEEE


_IN_IEEE = NumberModel()
_CURRENT = ContextVar("number model", default=_IN_IEEE)


def current() -> NumberModel:
    """The model that results are judged in."""
    return _CURRENT.get()


@contextlib.contextmanager
def judged_in(model: NumberModel) -> Iterator[None]:
    """Judge results in this model, within."""
    token = _CURRENT.set(model)
    try:
        yield
    finally:
        _CURRENT.reset(token)
