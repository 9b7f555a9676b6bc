"""tanhshrink in torch: no right digit near 0, forward and backward.

F.tanhshrink is composed of x - tanh(x); the exact result there is x^3/3, its slope x^2.
"""

import torch
from torch.nn import functional

print("torch", torch.__version__)
for dtype, at in (
    (torch.bfloat16, 0.0625),
    (torch.float16, 0.0078125),
    (torch.float32, 2.0**-13),
    (torch.float64, 2.0**-28),
):
    x = torch.tensor([at], dtype=dtype, requires_grad=True)
    y = functional.tanhshrink(x)
    (slope,) = torch.autograd.grad(y, x)
    print(f"{dtype}: tanhshrink({at:.4g}): seen {y.item():.6g}, expected {at**3 / 3:.6g};", end=" ")
    print(f"slope: seen {slope.item():.6g}, expected {at**2:.6g}")
