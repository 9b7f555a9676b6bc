"""mish in torch: the second derivative is NaN for every larger input, from 11.1 on in float16.

The double backward is composed of exponentials of x, which overflow and are divided by one another. The
exact value there is 0 to the last bit.
"""

import torch
from torch.nn import functional


def second_derivative(x: torch.Tensor) -> torch.Tensor:
    x = x.clone().requires_grad_()
    (first,) = torch.autograd.grad(functional.mish(x).sum(), x, create_graph=True)
    return torch.autograd.grad(first.sum(), x)[0]


print("torch", torch.__version__)
for dtype, points in (
    (torch.float16, [11.0, 11.09375, 1000.0]),
    (torch.bfloat16, [88.0, 89.0, 1000.0]),
    (torch.float32, [88.0, 89.0, 1000.0]),
    (torch.float64, [709.0, 710.0, 1000.0]),
):
    seen = second_derivative(torch.tensor(points, dtype=dtype)).tolist()
    print(f"{dtype} at {points}: seen {seen}, expected values of size {points[0]}*exp(-{points[0]}) and less")
every = torch.arange(0, 2**15).to(torch.int16).view(torch.float16)
finite = every[every.isfinite()]
lost = second_derivative(finite).isnan().sum().item()
print(f"float16: seen NaN at {lost} of the {len(finite)} finite inputs that are not negative, expected none")
