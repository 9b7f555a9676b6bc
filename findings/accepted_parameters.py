"""Parameters outside their range that torch's functions compute with."""

import torch
from torch.nn import functional

nan = float("nan")
x = torch.tensor([-1.0, 0.25, 30.0])
query = torch.ones(2, 1, 8)


def attention(dropout: float) -> torch.Tensor:
    return torch.nn.MultiheadAttention(8, 2, dropout=dropout)(query, query, query)[0]


CALLS = {
    "hardshrink, lambd=-0.5": lambda: functional.hardshrink(x, -0.5),
    "hardshrink, lambd=nan": lambda: functional.hardshrink(x, nan),
    "hardtanh, min_val=max_val=0.5": lambda: functional.hardtanh(x, 0.5, 0.5),
    "hardtanh, min_val=nan": lambda: functional.hardtanh(x, nan, 1.0),
    "hardtanh, max_val=nan": lambda: functional.hardtanh(x, -1.0, nan),
    "softplus, beta=0": lambda: functional.softplus(x, 0),
    "softplus, beta=-1": lambda: functional.softplus(x, -1),
    "softplus, beta=nan": lambda: functional.softplus(x, nan),
    "softplus, threshold=nan": lambda: functional.softplus(x, 1, nan),
    "elu, alpha=nan": lambda: functional.elu(x, nan),
    "celu, alpha=nan": lambda: functional.celu(x, nan),
    "leaky_relu, negative_slope=nan": lambda: functional.leaky_relu(x, nan),
    "threshold, threshold=nan": lambda: functional.threshold(x, nan, 0.0),
    "threshold, value=nan": lambda: functional.threshold(x, 0.0, nan),
    "PReLU, init=nan": lambda: torch.nn.PReLU(1, nan)(x),
    "MultiheadAttention, dropout=-0.1": lambda: attention(-0.1),
    "MultiheadAttention, dropout=nan": lambda: attention(nan),
}

print("torch", torch.__version__)
for name, call in CALLS.items():
    try:
        print(f"{name}: seen {[round(v, 4) for v in call().flatten()[:3].tolist()]}, expected an error")
    except (RuntimeError, ValueError) as error:
        print(f"{name}: refused: {str(error).splitlines()[0]}")
