"""hardswish in torch: NaN at -inf, and infinity for large finite inputs, where hardswish(x) is x.

It is computed as x*relu6(x + 3)/6 from the left to the right: the product overflows for x beyond a sixth of
the largest number, and -inf*0 is NaN.
"""

import torch
from torch.nn import functional

print("torch", torch.__version__)
for dtype in (torch.bfloat16, torch.float32, torch.float64):
    largest = torch.finfo(dtype).max
    x = torch.tensor([largest / 8, largest / 5, largest, -float("inf")], dtype=dtype)
    seen = functional.hardswish(x).tolist()
    print(f"{dtype}: hardswish({x.tolist()}): seen {seen}, expected the same and 0 at -inf")
x = torch.tensor([-float("inf")], dtype=torch.float16)
print(f"float16: hardswish(-inf): seen {functional.hardswish(x).tolist()}, expected [0.0] or [-0.0]")
