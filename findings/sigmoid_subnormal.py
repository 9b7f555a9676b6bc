"""sigmoid and silu in torch: zero where the answer is still a number.

1/(1 + exp(-x)) is 0 once exp(-x) overflows, at -88.73 in float32, while sigmoid(x) = exp(x) to the last bit
stays above the smallest subnormal down to -103.9. silu loses normal numbers, down to x = -91.86.
"""

import math

import torch
from torch.nn import functional

print("torch", torch.__version__)
for at in (-88.0, -89.0, -91.0, -100.0):
    x = torch.tensor([at])
    print(f"sigmoid({at}): seen {torch.sigmoid(x).item():.6g}, expected {math.exp(at):.6g};", end=" ")
    print(f"silu: seen {functional.silu(x).item():.6g}, expected {at * math.exp(at):.6g}")
print(f"the smallest normal float32 is {torch.finfo(torch.float32).tiny:.6g}")
