"""glu in torch: NaN for an infinite half whose gate is small, where the exact product is infinite.

glu(a, b) = a*sigmoid(b), and sigmoid of a finite number is never 0: inf*sigmoid(-200) is inf. torch rounds
sigmoid(-200) to 0 first, and inf*0 is NaN.
"""

import torch
from torch.nn import functional

print("torch", torch.__version__)
x = torch.tensor([float("inf"), -200.0])
print(f"glu(inf, -200): seen {functional.glu(x).item()}, expected inf")
