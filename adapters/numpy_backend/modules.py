"""Activations with their parameters as module objects: what pickle, copy and a dictionary make of them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from actcheck.adapters.base import Module, Unsupported
from actcheck.adapters.numpy_backend.arrays import FORMATS, Array, rounded
from actcheck.adapters.numpy_backend.attention import MultiheadAttention
from actcheck.adapters.numpy_backend.structured import PReLU


def module_object(made: Any, format_name: str) -> Module | Unsupported:
    """An activation as a module; prelu gets its initial weights in a format."""
    if isinstance(made, MultiheadAttention):
        return Unsupported("the numpy backend's attention has no weights of its own")
    if isinstance(made, PReLU) and made.weight is None:
        with np.errstate(over="ignore"):
            weight = rounded(np.full(made.num_parameters, made.init), _format(format_name))
        made = replace(made, weight=weight)
    return NumpyModule(made)


class NumpyModule(Module):
    """An activation of the numpy backend, which computes in the format of its input."""

    def __init__(self, made: Any) -> None:
        self.made = made

    def __call__(self, x: Any) -> Array:
        """The activation of an array."""
        result: Array = self.made(x)
        return result

    def text(self) -> str:
        """The class with its parameters."""
        return repr(self.made)

    def pickled(self) -> Module:
        """By Python's pickle."""
        return NumpyModule(pickle.loads(pickle.dumps(self.made)))

    def copied(self) -> Module:
        """By Python's deepcopy."""
        return NumpyModule(copy.deepcopy(self.made))

    def converted(self, format_name: str) -> Module:
        """Weights are rounded to the format."""
        other = NumpyModule(self.made)
        other.load({n: rounded(w.astype(np.float64), _format(format_name)) for n, w in self.state().items()})
        return other

    def state(self) -> Mapping[str, Array]:
        """prelu's weight."""
        return {"weight": np.array(self.made.weight)} if isinstance(self.made, PReLU) else {}

    def load(self, state: Mapping[str, Array]) -> None:
        """Put weights in the place of its own."""
        if state:
            self.made = replace(self.made, **{name: np.array(w) for name, w in state.items()})


def _format(name: str) -> np.dtype[Any]:
    return next(form for form in FORMATS if form.name == name)
