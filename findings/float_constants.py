"""hardsigmoid, hardswish and celu in torch: float64 results that are right to float32 alone.

hardsigmoid_backward multiplies by 1/6 as a float, and so do hardsigmoid and hardswish themselves on CUDA
devices; celu's derivative takes 1/alpha as a float (``1.0/alpha.toFloat()`` in derivatives.yaml).
"""

import math

import torch
from torch.nn import functional


def slope(function, at: float) -> float:
    x = torch.tensor([at], dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(function(x).sum(), x)[0].item()


print("torch", torch.__version__)
print(f"hardsigmoid'(1) in float64: seen {slope(functional.hardsigmoid, 1.0)!r}, expected {1 / 6!r}")
seen = slope(lambda x: functional.celu(x, 1.7), -100.0)
print(f"celu'(-100, alpha=1.7) in float64: seen {seen!r}, expected {math.exp(-100 / 1.7)!r}")
if torch.cuda.is_available():
    for function, at, wanted in ((functional.hardsigmoid, 3.0, 1.0), (functional.hardswish, 1.0, 2 / 3)):
        seen = function(torch.tensor(at, dtype=torch.float64, device="cuda")).item()
        call = f"{function.__name__}({at}) in float64 on {torch.cuda.get_device_name()}"
        print(f"{call}: seen {seen!r}, expected {wanted!r}")
