"""gelu in float32, tanh form, and its gradient in Triton: float64 inside, one rounding at the end.

Where there is no GPU Triton's interpreter runs them on the CPU.
"""

import math
import os

import torch

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
if DEVICE == "cpu":
    os.environ.setdefault("TRITON_INTERPRET", "1")  # read when a kernel is defined

import triton  # noqa: E402
import triton.language as tl  # noqa: E402

TWO_ROOTS = tl.constexpr(2 * math.sqrt(2 / math.pi))
#: Beyond it the tanh is 1 in float64.
FAR = tl.constexpr(14.0)


@triton.jit
def gelu_kernel(x_pointer, y_pointer, count, cubic: tl.constexpr, block: tl.constexpr):
    """x/(1 + exp(-2u)) is x/2*(1 + tanh(u)) without cancellation."""
    at = tl.program_id(0) * block + tl.arange(0, block)
    z = tl.load(x_pointer + at, mask=at < count, other=0.0).to(tl.float64)
    near = tl.where(tl.abs(z) > FAR, 0.0, z)
    y = near / (1.0 + tl.exp((near + cubic * near * near * near) * -TWO_ROOTS))
    y = tl.where(z > FAR, z, tl.where(z < -FAR, -0.0, y))
    tl.store(y_pointer + at, y.to(tl.float32), mask=at < count)


@triton.jit
def gelu_gradient_kernel(
    x_pointer, upstream_pointer, y_pointer, count, cubic: tl.constexpr, block: tl.constexpr
):
    """The derivative at x, times the upstream."""
    at = tl.program_id(0) * block + tl.arange(0, block)
    z = tl.load(x_pointer + at, mask=at < count, other=0.0).to(tl.float64)
    upstream = tl.load(upstream_pointer + at, mask=at < count, other=0.0).to(tl.float64)
    near = tl.where(tl.abs(z) > FAR, 0.0, z)
    e = tl.exp((near + cubic * near * near * near) * -TWO_ROOTS)
    inner = (1.0 + 3.0 * cubic * near * near) * TWO_ROOTS
    slope = (1.0 + near * inner * e / (1.0 + e)) / (1.0 + e)
    slope = tl.where(z > FAR, 1.0, tl.where(z < -FAR, 0.0, slope))
    tl.store(y_pointer + at, (upstream * slope).to(tl.float32), mask=at < count)


def called(kernel, cubic, *tensors):
    """The result of a kernel for tensors of any shape and layout: it is given plain copies of those."""
    given = [tensor.contiguous() for tensor in tensors]
    y = torch.empty_like(given[0])
    block = 1024 if DEVICE == "cuda" else 65536
    if y.numel():
        kernel[(triton.cdiv(y.numel(), block),)](*given, y, y.numel(), cubic=cubic, block=block)
    return y


def with_cubic(cubic):
    """gelu and its gradient, with this factor of x^3."""

    def gelu(x):
        return called(gelu_kernel, cubic, x)

    def gelu_gradient(x, upstream):
        return called(gelu_gradient_kernel, cubic, x, upstream)

    return gelu, gelu_gradient


gelu, gelu_gradient = with_cubic(0.044715)
