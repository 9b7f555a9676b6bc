"""softshrink in torch: the sign of a zero result depends on where the input lies.

The same negative input inside the band gives +0 in the vector body of a tensor and -0 in its tail, or where
the tensor is strided.
"""

import torch
from torch.nn import functional

print("torch", torch.__version__)
x = torch.full((67,), -0.25)
signs = torch.signbit(functional.softshrink(x))
print(f"softshrink of 67 times -0.25: seen {int(signs.sum())} times -0, {int((~signs).sum())} times +0")
signs = torch.signbit(functional.softshrink(torch.full((134,), -0.25)[::2]))
print(f"the same, every second element: seen {int(signs.sum())} times -0, {int((~signs).sum())} times +0")
