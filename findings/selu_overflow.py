"""selu in torch: infinity for one float32 input whose answer is the largest finite number.

1.0507009873554805*x is computed with the scale rounded to float32, 1.05070102. For one input of all that
lifts the product over the overflow threshold. It was found by judging every float32 input.
"""

import torch
from torch.nn import functional

print("torch", torch.__version__)
x = float.fromhex("0x1.e74b3p+127")
exact = 1.0507009873554804934193349852946 * x
seen = functional.selu(torch.tensor([x])).item()
largest = torch.finfo(torch.float32).max
print(f"selu({x.hex()}): seen {seen}, expected {largest:.9g}, since the exact {exact:.9g}")
print(f"lies below the overflow threshold {(2 - 2**-24) * 2.0**127:.9g}")
