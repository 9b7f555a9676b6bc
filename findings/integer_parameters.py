"""threshold and hardtanh of integers in torch: parameters that are no integers are cut off in silence."""

import torch
from torch.nn import functional

print("torch", torch.__version__)
x = torch.tensor([-3, -1, 0, 1, 7])
print(f"threshold({x.tolist()}, -0.5, 2.7): seen {functional.threshold(x, -0.5, 2.7).tolist()},", end=" ")
print("expected an error (2.7 is no integer), and 0 kept, since 0 > -0.5")
print(f"hardtanh({x.tolist()}, -1.5, 1.5): seen {functional.hardtanh(x, -1.5, 1.5).tolist()},", end=" ")
print("expected an error, or [-1.5, -1, 0, 1, 1.5]")
