"""gelu's tanh form in torch: no right digit in the left tail, then zero; the gradient likewise.

1 + tanh(u) cancels where tanh(u) comes close to -1; the exact value is x/(1 + exp(-2*u)), an ordinary number
down to x = -10.2. (For the exact form, 1 + erf, see https://github.com/pytorch/pytorch/issues/187806.)
"""

import math

import torch
from torch.nn import functional

print("torch", torch.__version__)
for at in (-3.0, -4.0, -4.9, -5.2, -8.0):
    x = torch.tensor([at], requires_grad=True)
    y = functional.gelu(x, approximate="tanh")
    (slope,) = torch.autograd.grad(y, x)
    rise = math.sqrt(8 / math.pi)
    v, steep = rise * (at + 0.044715 * at**3), rise * (1 + 3 * 0.044715 * at**2)
    s = math.exp(v) / (1 + math.exp(v))
    wanted = s + at * steep * s / (1 + math.exp(v))
    print(f"gelu({at}): seen {y.item():.6g}, expected {at * s:.6g};", end=" ")
    print(f"slope: seen {slope.item():.6g}, expected {wanted:.6g}")
