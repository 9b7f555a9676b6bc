"""Derivatives in torch that are computed from rounded values: fewer and fewer digits in a tail, then zero.

sigmoid' is y*(1 - y) and tanh' is 1 - y*y of the rounded result y; glu's gradient and the second derivatives
take 1 - y likewise. Each expected value is an ordinary number of float32.
"""

import math

import torch
from torch.nn import functional


def derivative(function, x: float, order: int) -> float:
    leaf = torch.tensor([x], requires_grad=True)
    y = function(leaf)
    for _ in range(order):
        (y,) = torch.autograd.grad(y.sum(), leaf, create_graph=True)
    return float(y.item())


def logistic_slope(x: float) -> float:
    e = math.exp(-abs(x))
    return e / (1 + e) ** 2


EXPECTED = {
    "sigmoid'": (torch.sigmoid, 1, logistic_slope),
    "sigmoid''": (torch.sigmoid, 2, lambda x: -logistic_slope(x) * math.tanh(x / 2)),
    "softplus''": (functional.softplus, 2, logistic_slope),
    "silu''": (functional.silu, 2, lambda x: logistic_slope(x) * (2 - x * math.tanh(x / 2))),
    "tanh'": (torch.tanh, 1, lambda x: 4 * logistic_slope(2 * x)),
    "tanh''": (torch.tanh, 2, lambda x: -8 * logistic_slope(2 * x) * math.tanh(x)),
}

print("torch", torch.__version__)
for name, x in (
    *(("sigmoid'", x) for x in (5.0, 10.0, 16.0, 18.0, 80.0)),
    *(("sigmoid''", x) for x in (1e-8, 1e-6, 16.0, 18.0)),
    *(("softplus''", x) for x in (10.0, 16.0, 18.0)),
    *(("silu''", x) for x in (10.0, 16.0, 18.0)),
    *(("tanh'", x) for x in (3.0, 6.0, 8.0, 9.5, 40.0)),
    *(("tanh''", x) for x in (3.0, 6.0, 8.0, 9.5)),
):
    function, order, exact = EXPECTED[name]
    print(f"{name}({x:g}): seen {derivative(function, x, order):.8g}, expected {exact(x):.8g}")
