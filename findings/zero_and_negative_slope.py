"""leaky_relu, prelu and rrelu in torch: NaN at -inf with slope 0, and the sign of zero with a negative slope.

leaky_relu(0) is 0 by the branch x >= 0: the sign of the zero stays. torch takes zero on the other side.
"""

import torch
from torch.nn import functional

print("torch", torch.__version__)
x = torch.tensor([-float("inf")])
print(f"leaky_relu(-inf, 0): seen {functional.leaky_relu(x, 0.0).item()}, expected 0 (as relu answers)")
print(f"prelu(-inf, 0): seen {functional.prelu(x, torch.zeros(1)).item()}, expected 0")
print(f"rrelu(-inf, -0.5, 0.5): seen {functional.rrelu(x, -0.5, 0.5).item()}, expected 0")
zeros = torch.tensor([0.0, -0.0])
print(f"leaky_relu([0, -0], -1): seen {functional.leaky_relu(zeros, -1.0).tolist()}, expected [0.0, -0.0]")
print(
    f"rrelu([0, -0], -1.5, -0.5): seen {functional.rrelu(zeros, -1.5, -0.5).tolist()}, expected [0.0, -0.0]"
)
seen = functional.prelu(zeros, torch.tensor([-0.3])).tolist()
print(f"prelu([0, -0], -0.3): seen {seen}, expected [0.0, -0.0]")
