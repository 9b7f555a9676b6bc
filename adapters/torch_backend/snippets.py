"""torch's calls as Python text, for scripts that show a fault with torch alone; torch is not imported."""

from __future__ import annotations

from textwrap import dedent

import numpy as np

from actcheck.adapters.base import Parameters
from actcheck.adapters.torch_backend.names import CLASSES

#: Functions of `torch.nn.functional` by another name, and compositions.
_CALLS = {
    "sigmoid": "torch.sigmoid(x)",
    "tanh": "torch.tanh(x)",
    "prelu": "F.prelu(x, {weight})",
    "crelu": "torch.cat((F.relu(x), F.relu(-x)), {dim})",
}
_BODIES = {
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
    "tangent": """\
        return torch.func.jvp(function, (x,), (upstream,))[1]


    def expanded(values, times):
        return array(values).expand(times, len(values))
""",
    "in_place_gradient": """\
        x = x.detach().requires_grad_()
        y = x.clone()
        {in_place}
        return torch.autograd.grad(y, x, upstream)[0]
""",
    "out": """\
        return function(x)


    def write(x, out):
        {out}
""",
}
_MODULE = """\
    import torch

    VERSION = f"torch {{torch.__version__}}"
    MODULE = {module}
"""
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
        return result.detach().to(torch.{widest}).flatten().tolist()
"""


def snippet(activation: str, parameters: Parameters, format_name: str, way: str, device: str) -> str | None:
    """The text that `Adapter.snippet` describes; None where torch has no such way."""
    given = {name: _text(value) for name, value in parameters.items()}
    named = "".join(f", {name}={value}" for name, value in given.items())
    if way == "module":
        return _module(activation, parameters) if activation in CLASSES else None
    if way not in _BODIES or activation == "multihead_attention":
        return None
    call = _CALLS[activation].format(**given) if activation in _CALLS else f"F.{activation}(x{named})"
    in_place = (
        f"torch.{activation}_(y)" if activation in _CALLS else f"F.{activation}(y{named}, inplace=True)"
    )
    body = _BODIES[way].format(in_place=in_place, out=f"torch.{activation}(x, out=out)")
    widest = "complex128" if format_name.startswith("complex") else "float64"
    return dedent(_TEXT.format(format=format_name, device=device, call=call, body=body, widest=widest))


def _module(activation: str, parameters: Parameters) -> str:
    named = ", ".join(f"{n}={_text(v)}" for n, v in parameters.items() if not isinstance(v, np.ndarray))
    return dedent(_MODULE.format(module=f"torch.nn.{CLASSES[activation]}({named})"))


def _text(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"array({[float(v) for v in value.ravel()]})"
    if isinstance(value, float) and not np.isfinite(value):
        return f'float("{value}")'
    return repr(value)
