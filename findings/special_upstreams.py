"""Infinite and zero upstreams in torch that give NaN where the slope is an ordinary number.

softsign and tanhshrink are composed of several functions; autograd sends an infinite upstream down each of
their branches and subtracts infinities. Where a slope itself is NaN (gelu, silu, mish and softsign at
infinities), so is its product with a zero upstream.
"""

import torch
from torch.nn import functional

print("torch", torch.__version__)
inf = float("inf")
for name, slope, at, upstream, expected in (
    ("softsign", "1", 0.0, inf, inf),
    ("softsign", "1/4", 1.0, inf, inf),
    ("tanhshrink", "0.58", 1.0, inf, inf),
    ("tanhshrink", "1", inf, inf, inf),
    ("gelu", "1", inf, 0.0, 0.0),
    ("silu", "1", inf, 0.0, 0.0),
    ("mish", "1", inf, 0.0, 0.0),
    ("softsign", "0", inf, 0.0, 0.0),
):
    x = torch.tensor([at], requires_grad=True)
    (seen,) = torch.autograd.grad(getattr(functional, name)(x), x, torch.tensor([upstream]))
    print(f"{name}'({at}) is {slope}, times {upstream}: seen {seen.item()}, expected {expected}")
