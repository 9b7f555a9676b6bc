"""Parameters in torch are rounded to the tensor's format before they are compared.

float32(0.1) is 0.100000001490116..., which lies beyond the lambd or threshold 0.1 that was passed. In
float16 a parameter beyond 65504 is refused altogether, and softplus compares beta*x only after rounding it.
"""

import torch
from torch.nn import functional

print("torch", torch.__version__)
x = torch.tensor([0.1], requires_grad=True)
print(f"float32(0.1) > 0.1: {x.item() > 0.1}")
print(f"hardshrink(float32(0.1), 0.1): seen {functional.hardshrink(x, 0.1).item()}, expected {x.item()}")
(slope,) = torch.autograd.grad(functional.softshrink(x, 0.1), x)
print(f"softshrink'(float32(0.1), 0.1): seen {slope.item()}, expected 1")
print(
    f"threshold(float32(0.1), 0.1, 20): seen {functional.threshold(x, 0.1, 20.0).item()}, expected {x.item()}"
)
tiny = torch.tensor([2.0**-149])
seen = functional.softplus(tiny, 0.3, 0).item()
print(f"softplus(2^-149, beta=0.3, threshold=0): seen {seen}, expected {tiny.item()}")
half = torch.tensor([1.0], dtype=torch.float16)
for name, call in (
    ("hardshrink(float16 1, 1e30)", lambda: functional.hardshrink(half, 1e30)),
    ("hardtanh(float16 1, -1e30, 0.5)", lambda: functional.hardtanh(half, -1e30, 0.5)),
    ("threshold(float16 1, 2, 1e30)", lambda: functional.threshold(half, 2, 1e30)),
    ("softshrink(float16 1, 1e30)", lambda: functional.softshrink(half, 1e30)),
):
    try:
        print(f"{name}: seen {call().tolist()}")
    except RuntimeError as error:
        print(f"{name}: seen RuntimeError: {error}; expected a number")
