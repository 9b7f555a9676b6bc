"""torch's calls as Python text, for scripts that show a fault with torch alone; torch is not imported."""

from __future__ import annotations

from textwrap import dedent

import numpy as np

from actcheck.adapters.base import Parameters

#: Functions of `torch.nn.functional` by another name, and compositions.
_CALLS = {
    "sigmoid": "torch.sigmoid(x)",
    "tanh": "torch.tanh(x)",
    "prelu": "F.prelu(x, {weight})",
    "crelu": "torch.cat((F.relu(x), F.relu(-x)), {dim})",
}
_QUANTITIES = {
    "forward": """\
        return function(x)
""",
    "gradient": """\
        x = x.detach().requires_grad_()
        return torch.autograd.grad(function(x), x, upstream)[0]
""",
    "second_derivative": """\
        x = x.detach().requires_grad_()
        y = function(x)
        first = torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)[0]
        return torch.autograd.grad(first, x, torch.ones_like(first))[0]
""",
}
_TEXT = """\
    import torch
    import torch.nn.functional as F

    VERSION = f"torch {{torch.__version__}}"


    def array(values):
        return torch.tensor(values, dtype=torch.{format}, device="{device}")


    def function(x):
        return {call}


    def compute(x, upstream):
{body}

    def numbers(result):
        return result.detach().double().flatten().tolist()
"""


def snippet(activation: str, parameters: Parameters, format_name: str, quantity: str, device: str) -> str:
    """The text that `Adapter.snippet` describes."""
    given = {name: _text(value) for name, value in parameters.items()}
    named = "".join(f", {name}={value}" for name, value in given.items())
    call = _CALLS[activation].format(**given) if activation in _CALLS else f"F.{activation}(x{named})"
    return dedent(_TEXT.format(format=format_name, device=device, call=call, body=_QUANTITIES[quantity]))


def _text(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"array({[float(v) for v in value.ravel()]})"
    if isinstance(value, float) and not np.isfinite(value):
        return f'float("{value}")'
    return repr(value)
