"""The gradient of prelu's weights in torch: batches are added one after the other, and digits are lost.

The sum over the first and the last dimension of an array with many batches of few elements carries the
rounding error of each batch; that over the last dimension alone, or over all of them, does not.
"""

import torch
from torch.nn import functional

print("torch", torch.__version__)
generator = torch.Generator().manual_seed(0)
x = -torch.rand((100_003, 3, 3), generator=generator)
weight = torch.full((3,), 0.25, requires_grad=True)
functional.prelu(x, weight).sum().backward()
exact = x.double().sum((0, 2))
units = ((weight.grad.double() - exact) / exact).abs().max().item() * 2**24
print(f"prelu's weight gradient: {units:.0f} units in the last place off; moved to (3, 300009) first:")
moved = x.transpose(0, 1).reshape(3, -1).sum(1)
print(f"{((moved.double() - exact) / exact).abs().max().item() * 2**24:.1f}")
