"""mish in torch: NaN at -inf, where the limit is 0, and NaN for the slope at both infinities (0 and 1)."""

import torch
from torch.nn import functional

print("torch", torch.__version__)
for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
    x = torch.tensor([-float("inf"), float("inf")], dtype=dtype, requires_grad=True)
    y = functional.mish(x)
    (gradient,) = torch.autograd.grad(y, x, torch.ones_like(y))
    print(f"{dtype}: mish(-inf, inf): seen {y.tolist()}, expected [0.0, inf];", end=" ")
    print(f"gradient: seen {gradient.tolist()}, expected [0.0, 1.0]")
