"""The same with a digit lost; failure.txt shows what pytest says of it."""

from kernels import DEVICE, with_cubic

gelu, gelu_gradient = with_cubic(0.0447)


def test_gelu(conforms):
    conforms(gelu, "gelu", gradient=gelu_gradient, like="torch", device=DEVICE, approximate="tanh")
