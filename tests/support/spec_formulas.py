"""The activations written a second time, in mpmath, by hand: nothing here reads a specification."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

Real = Any  # mpmath.mpf
Formula = Callable[..., Real]


def _shifted_exponential(x: Real, alpha: Real, rate: Real) -> Real:
    return x if x > 0 else alpha * mp.expm1(x / rate)


def _logistic(x: Real) -> Real:
    return (1 + mp.tanh(x / 2)) / 2 if abs(x) < 1 else 1 / (mp.exp(-x) + 1)


def _log1pexp(x: Real) -> Real:
    return x + mp.log1p(mp.exp(-x)) if x > 0 else mp.log1p(mp.exp(x))


def _gelu(x: Real, approximate: str) -> Real:
    if approximate == "none":
        return x * mp.ncdf(x)
    inner = mp.sqrt(2 / mp.pi) * (x + mpf(44715) / 1000000 * x**3)
    # (1 + tanh(u))/2 is the logistic function of 2u.
    return x * _logistic(2 * inner)


def _mish(x: Real) -> Real:
    # tanh(log(w)) = (w^2 - 1)/(w^2 + 1), with w = 1 + exp(x).
    e = mp.exp(x)
    return x * e * (e + 2) / (e * (e + 2) + 2)


def _softplus(x: Real, beta: Real, threshold: Real) -> Real:
    return x if beta * x > threshold else _log1pexp(beta * x) / beta


def _squareplus(x: Real, b: Real) -> Real:
    # The positive root y of y*(y - x) = b/4, by whichever form adds numbers of one sign.
    root = mp.hypot(x, mp.sqrt(b))
    return (root + x) / 2 if x > 0 else b / (root - x) / 2


def _tanhshrink(x: Real) -> Real:
    with mp.workprec(2 * mp.prec + 400):
        return x - mp.tanh(x)


#: By id: f(x, **parameters), real numbers as mpf.
FORMULAS: dict[str, Formula] = {
    "elu": lambda x, alpha: _shifted_exponential(x, alpha, mpf(1)),
    "hardshrink": lambda x, lambd: mpf(0) if -lambd <= x <= lambd else x,
    "hardsigmoid": lambda x: min(max((x + 3) / 6, mpf(0)), mpf(1)),
    "hardtanh": lambda x, min_val, max_val: max(min(x, max_val), min_val),
    "hardswish": lambda x: x * min(max(x + 3, mpf(0)), mpf(6)) / 6,
    "leaky_relu": lambda x, negative_slope: x * (negative_slope if x < 0 else 1),
    "logsigmoid": lambda x: -_log1pexp(-x),
    "relu": lambda x: (x + abs(x)) / 2,
    "relu6": lambda x: sorted([mpf(0), x, mpf(6)])[1],
    "rrelu": lambda x, lower, upper: x * ((lower + upper) / 2 if x < 0 else 1),
    "selu": lambda x: (
        mpf("1.0507009873554804934193349852946")
        * _shifted_exponential(x, mpf("1.6732632423543772848170429916717"), mpf(1))
    ),
    "celu": lambda x, alpha: max(mpf(0), x) + min(mpf(0), alpha * mp.expm1(x / alpha)),
    "gelu": _gelu,
    "sigmoid": _logistic,
    "silu": lambda x: x * _logistic(x),
    "mish": _mish,
    "softplus": _softplus,
    "softshrink": lambda x, lambd: mp.sign(x) * max(abs(x) - lambd, mpf(0)),
    "softsign": lambda x: mp.sign(x) * (1 - 1 / (1 + abs(x))),
    "tanh": lambda x: 2 * _logistic(2 * x) - 1,
    "tanhshrink": _tanhshrink,
    "threshold": lambda x, threshold, value: value if x <= threshold else x,
    "quick_gelu": lambda x: x * _logistic(mpf(1702) / 1000 * x),
    "relu_squared": lambda x: x * (x + abs(x)) / 2,
    "hard_mish": lambda x: x * min(max(x + 2, mpf(0)), mpf(2)) / 2,
    "squareplus": _squareplus,
    "softcap": lambda x, cap: cap * (2 * _logistic(2 * x / cap) - 1),
}


def formula(activation: str, parameters: Any) -> Callable[[Real], Real]:
    """The formula at parameter values, which are taken exactly."""
    bound = {name: value if isinstance(value, str) else mpf(value) for name, value in parameters.items()}
    return lambda x: FORMULAS[activation](x, **bound)
