"""celu and elu in torch: alpha far from 1.

alpha*expm1(x/alpha) is computed as written: x/alpha underflows for a large alpha, exp(x/alpha) overflows for
a negative one before alpha scales it down, and elu's slope alpha*exp(x) loses exp(x) before alpha raises it.
"""

import torch
from torch.nn import functional


def slope(function, x: torch.Tensor) -> torch.Tensor:
    x = x.clone().requires_grad_()
    return torch.autograd.grad(function(x).sum(), x)[0]


print("torch", torch.__version__)
x = torch.tensor([-44.5])
print(f"celu(-44.5, alpha=-0.5): seen {functional.celu(x, -0.5).item()}, expected -2.2464e+38")
# A tensor of 16 elements is computed by the vector form, a single one by the scalar form.
x = torch.full((16,), -1e-16)
print(f"celu(-1e-16, alpha=1e30): seen {functional.celu(x, 1e30)[0].item()}, expected -1e-16 (it is x there)")
x = torch.tensor([-110.0])
print(
    f"elu'(-110, alpha=1e30): seen {slope(lambda t: functional.elu(t, 1e30), x).item()}, expected 1.6889e-18"
)
