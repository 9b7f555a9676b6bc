"""elu, selu and celu in torch: in place, another gradient than out of place.

In place the input is gone, and the slope is taken from the result: (y + alpha)*..., where y has been rounded
to the tensor's format and cancels against alpha. The tail of the slope is lost where y rounds to -alpha;
where alpha is no number of the format the slope tends to a wrong limit, even with the wrong sign.
"""

import torch
from torch.nn import functional


def slopes(function, x: torch.Tensor) -> tuple[float, float]:
    """In place and out of place."""
    found = []
    for inplace in (True, False):
        leaf = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(function(leaf.clone(), inplace=inplace).sum(), leaf)
        found.append(slope[0].item())
    return found[0], found[1]


CASES = (
    ("elu", torch.float32, -17.0, functional.elu),
    ("elu", torch.bfloat16, -6.25, functional.elu),
    ("selu", torch.bfloat16, -1000.0, functional.selu),
    ("celu, alpha=1.7,", torch.bfloat16, -1000.0, lambda x, inplace: functional.celu(x, 1.7, inplace)),
    ("celu, alpha=1e-30,", torch.float16, -1000.0, lambda x, inplace: functional.celu(x, 1e-30, inplace)),
    ("elu, alpha=1e30,", torch.bfloat16, -6.125, lambda x, inplace: functional.elu(x, 1e30, inplace)),
)
print("torch", torch.__version__)
for name, dtype, at, function in CASES:
    inside, outside = slopes(function, torch.full((64,), at, dtype=dtype))
    print(
        f"{name} {dtype}, slope at {at}: in place {inside:.6g}, out of place {outside:.6g}, expected the same"
    )
