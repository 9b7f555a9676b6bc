"""softsign in torch: NaN at infinities, wrong slopes for large inputs, a wrong sign for int8, uint8 infinite.

F.softsign is composed of x/(abs(x) + 1). Forward, inf/inf is NaN. Backward, autograd subtracts
x/(abs(x) + 1)^2 from 1/(abs(x) + 1), two numbers that agree in all but their last bits: the exact slope is
1/(abs(x) + 1)^2. In integers abs(x) + 1 wraps around. Forward, abs(x) + 1 is rounded first, so that the
result falls where it should rise.
"""

import torch
from torch.nn import functional

print("torch", torch.__version__)
x = torch.tensor([-float("inf"), float("inf")])
print(f"softsign(-inf, inf): seen {functional.softsign(x).tolist()}, expected [-1.0, 1.0]")
for dtype, at in (
    (torch.float16, 109.375),
    (torch.bfloat16, 338.0),
    (torch.float32, 30653690.0),
    (torch.float64, 1e17),
):
    x = torch.tensor([at], dtype=dtype, requires_grad=True)
    (slope,) = torch.autograd.grad(functional.softsign(x), x, torch.ones_like(x))
    print(f"{dtype}: slope at {at}: seen {slope.item()}, expected {1 / (1 + at) ** 2}")
integers = torch.tensor([-128, 126, 127], dtype=torch.int8)
print(
    f"softsign of int8 {integers.tolist()}: seen {functional.softsign(integers).tolist()}, expected", end=" "
)
print([x / (1 + abs(x)) for x in integers.tolist()])
byte = torch.tensor([255], dtype=torch.uint8)
print(f"softsign of uint8 255: seen {functional.softsign(byte).item()}, expected {255 / 256}")
pair = torch.tensor([-2726, -2724], dtype=torch.float16)
print(f"softsign of float16 {pair.tolist()}: seen {functional.softsign(pair).tolist()}, expected no fall")
