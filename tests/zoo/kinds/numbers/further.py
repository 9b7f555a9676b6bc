"""What goes wrong in activations beyond those of torch.nn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from actcheck.adapters.base import Array
from tests.zoo.backend import Call, Change
from tests.zoo.effects import formula, with_parameters, zero
from tests.zoo.planting import of

_formula, _constant, _tail = of("formula"), of("constant"), of("tail")
_first, _second, _variant, _structure = (
    of("gradient"),
    of("second derivative"),
    of("variant"),
    of("structure"),
)
_ANYWHERE = "accuracy-float32"


def _halves(change: Callable[[Array, Array], tuple[Array, Array]]) -> Change:
    """The right results for halves that are changed first."""

    def changed(call: Call) -> Array:
        dim = int(call.parameters["dim"])  # type: ignore[arg-type]
        a, b = np.split(call.x, 2, axis=dim)
        return call.again(np.concatenate(change(a, b), axis=dim), call.parameters)

    return changed


def _of_halves(function: Callable[[Array, Array], Array]) -> Change:
    """Another formula of both halves in binary64, rounded once."""

    def changed(call: Call) -> Array:
        a, b = np.split(call.wide, 2, axis=int(call.parameters["dim"]))  # type: ignore[arg-type]
        return np.asarray(function(a, b)).astype(call.y.dtype)

    return changed


def _second_half_alone(call: Call) -> Array:
    """A gradient that does not reach the first half."""
    y = call.y.copy()
    np.split(y, 2, axis=int(call.parameters["dim"]))[0][...] = 0  # type: ignore[arg-type]
    return y


def _logistic(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


FAULTS = (
    _constant("quick_gelu", "1.7 for 1.702", formula(lambda x: x * _logistic(1.7 * x)), _ANYWHERE),
    _constant("quick_gelu", "1.70199 for 1.702", formula(lambda x: x * _logistic(1.70199 * x)), _ANYWHERE),
    _first(
        "quick_gelu",
        "1.702 forgotten in the product rule",
        formula(lambda x: _logistic(1.702 * x) * (1 + x * _logistic(-1.702 * x))),
        _ANYWHERE,
        "gradient",
    ),
    _formula("relu_squared", "relu", formula(lambda x: np.maximum(x, 0)), _ANYWHERE),
    _formula("relu_squared", "negative inputs squared", formula(lambda x: x * x), _ANYWHERE),
    _first("relu_squared", "2 forgotten", formula(lambda x: np.maximum(x, 0)), _ANYWHERE, "gradient"),
    _formula(
        "hard_mish",
        "held between 0 and 3",
        formula(lambda x: x * np.clip(x + 2, 0, 3) / 2),
        _ANYWHERE,
    ),
    _first(
        "hard_mish",
        "that of the clamp forgotten",
        formula(lambda x: np.clip(x + 2, 0, 2) / 2),
        _ANYWHERE,
        "gradient",
    ),
    _second("hard_mish", "zero", zero, _ANYWHERE, "second_derivative"),
    _tail("squareplus", "cancels below 0", formula(lambda x, b: (x + np.sqrt(x * x + b)) / 2), _ANYWHERE),
    _variant("squareplus", "b always 4", with_parameters(b=4.0), _ANYWHERE, label="b=*"),
    _first(
        "squareplus", "halved", formula(lambda x, b: (1 + x / np.sqrt(x * x + b)) / 4), _ANYWHERE, "gradient"
    ),
    _formula("softcap", "clipped", formula(lambda x, cap: np.clip(x, -cap, cap)), _ANYWHERE),
    _variant("softcap", "cap always 50", with_parameters(cap=50.0), _ANYWHERE, label="cap=*"),
    _first(
        "softcap",
        "divided by cap",
        formula(lambda x, cap: np.cosh(np.clip(x / cap, -300, 300)) ** -2 / cap),
        _ANYWHERE,
        "gradient",
    ),
    _structure("swiglu", "the gate in the first half", _halves(lambda a, b: (b, a)), _ANYWHERE),
    _formula("swiglu", "sigmoid for silu", _of_halves(lambda a, b: a * _logistic(b)), _ANYWHERE),
    _first("swiglu", "the first half gets none", _second_half_alone, _ANYWHERE, "gradient"),
    _variant(
        "geglu",
        "always the exact form",
        with_parameters(approximate="none"),
        _ANYWHERE,
        label="*approximate=tanh",
    ),
    _first("geglu", "the first half gets none", _second_half_alone, _ANYWHERE, "gradient"),
    _first("reglu", "the first half gets none", _second_half_alone, _ANYWHERE, "gradient"),
    _formula("reglu", "relu of the product", _of_halves(lambda a, b: np.maximum(a * b, 0)), _ANYWHERE),
    _formula("bilinear", "a sum", _of_halves(np.add), _ANYWHERE),
    _first("bilinear", "the halves exchanged", _halves(lambda a, b: (b, a)), _ANYWHERE, "gradient"),
)
