"""gelu in torch: infinity, NaN and flushed zeros at finite inputs, and two answers for one input.

Forward, exact form: contiguous tensors go to oneDNN, which loses the largest inputs (it doubles x before it
halves it), answers NaN at +inf, and flushes the subnormal half of small bfloat16 inputs; strided tensors do
not go there. Derivatives: x*x overflows, and infinity times a factor of 0 is NaN.
"""

import torch
from torch.nn import functional


def show(what: str, seen: torch.Tensor, expected: str) -> None:
    print(f"{what}: seen {seen.tolist()}, expected {expected}")


def derivatives(x: torch.Tensor, approximate: str) -> tuple[torch.Tensor, torch.Tensor]:
    x = x.clone().requires_grad_()
    (first,) = torch.autograd.grad(functional.gelu(x, approximate=approximate).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    return first.detach(), second


print("torch", torch.__version__)
large = torch.tensor([2.0**127, 3e38, float("inf")])
show("gelu of [2^127, 3e38, inf], contiguous", functional.gelu(large), "the same numbers")
show("the same, every second element", functional.gelu(large.repeat_interleave(2)[::2]), "the same numbers")
small = torch.full((4,), 2.0**-126, dtype=torch.bfloat16)
show("gelu of 4 times 2^-126 in bfloat16", functional.gelu(small), "4 times 5.877471754111438e-39")
far = torch.tensor([-1e20, 1e20])
show("tanh form, gradient at -1e20, 1e20", derivatives(far, "tanh")[0], "[0.0, 1.0]")
show("exact form, second derivative at -1e20, 1e20", derivatives(far, "none")[1], "[0.0, 0.0]")
half = torch.tensor([-256.0, 256.0], dtype=torch.float16)
show("exact form, second derivative at -256, 256 in float16", derivatives(half, "none")[1], "[0.0, 0.0]")
show("tanh form, second derivative at -256, 256 in float16", derivatives(half, "tanh")[1], "[0.0, 0.0]")
