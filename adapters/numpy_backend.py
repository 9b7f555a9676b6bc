"""The numpy backend: every activation in numpy and scipy.special, computed in binary64."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Description, Function, Parameters, Unsupported
from actcheck.adapters.numpy_functions import ELEMENTWISE


def _evaluate(activation: str, x: Any, **parameters: Any) -> Any:
    return ELEMENTWISE[activation](**parameters)(x)


class NumpyAdapter(Adapter):
    """numpy and scipy.special on the host."""

    name = "numpy"

    def describe(self) -> Description:
        return Description("numpy", np.__version__, "cpu")

    def functions(self) -> dict[str, Function | Unsupported]:
        return {name: partial(_evaluate, name) for name in ELEMENTWISE}

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        if activation not in ELEMENTWISE:
            return Unsupported(f"no {activation} yet")
        return ELEMENTWISE[activation](**parameters).differentiated(x, upstream)

    def call_second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        if activation not in ELEMENTWISE:
            return Unsupported(f"no {activation} yet")
        return ELEMENTWISE[activation](**parameters).differentiated_twice(x)
