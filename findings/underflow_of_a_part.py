"""mish, softplus and silu in torch: digits lost where a part underflows and the answer is larger.

exp(x) is subnormal below -87.3, and x or 1/beta raises what is left of it; exp(-x) overflows below -88.7.
"""

import math

import torch
from torch.nn import functional


def slope(function, x: float) -> float:
    leaf = torch.full((16,), x, requires_grad=True)
    return float(torch.autograd.grad(function(leaf).sum(), leaf)[0][0].item())


print("torch", torch.__version__)
for at in (-95.0, -102.0):
    seen = functional.mish(torch.full((16,), at))[0].item()
    print(f"mish({at}): seen {seen:.8g}, expected {at * math.exp(at):.8g}")
for at in (-88.0, -90.0):
    wanted = (1 + at) * math.exp(at)
    seen = slope(functional.mish, at), slope(functional.silu, at)
    print(f"at {at}: mish' seen {seen[0]:.8g}, silu' seen {seen[1]:.8g}, expected {wanted:.8g}")
for beta, at in ((1e-10, -1.04e12), (1e-3, -1e5)):
    seen = functional.softplus(torch.full((16,), at), beta=beta)[0].item()
    print(f"softplus({at:g}, beta={beta}): seen {seen:.8g}, expected {math.exp(beta * at) / beta:.8g}")
