"""torch on the CPU: the same input has other bits in the vector body of a tensor than elsewhere.

Contiguous tensors are computed in blocks by vectorised functions, the tail and strided tensors by scalar
ones, which round differently; exact gelu even goes to another library. Printed is the largest difference in
units in the last place over 200,000 inputs; expected is 0.
"""

import torch
from torch.nn import functional

NAMES = ("elu", "selu", "celu", "sigmoid", "silu", "mish", "softplus", "gelu", "relu", "tanh", "softsign")
INTEGERS = {torch.float32: torch.int32, torch.float64: torch.int64}


def keys(values: torch.Tensor) -> torch.Tensor:
    pattern = values.contiguous().view(INTEGERS[values.dtype]).to(torch.int64)
    return torch.where(pattern < 0, torch.iinfo(INTEGERS[values.dtype]).min - pattern, pattern)


print("torch", torch.__version__)
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(0)
for dtype in INTEGERS:
    x = (torch.rand(200_000, dtype=dtype, generator=generator) - 0.5) * 20
    strided = x.repeat_interleave(2)[::2]
    for name in NAMES:
        function = (
            torch.sigmoid
            if name == "sigmoid"
            else torch.tanh
            if name == "tanh"
            else getattr(functional, name)
        )
        body, other = function(x), function(strided)
        differing = torch.nonzero(body != other).flatten()
        message = f"{dtype} {name}: {len(differing)} inputs differ"
        if len(differing):
            steps = (keys(body) - keys(other)).abs()
            at = steps.argmax()
            message += f", at {x[at].item()!r} by {steps[at]}: {body[at].item()!r} and {other[at].item()!r}"
        print(message)
