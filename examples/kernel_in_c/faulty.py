"""The same with a digit lost; failure.txt shows what pytest says of it."""

from kernels import built

gelu, gelu_gradient = built("-DCUBIC=0.0447")


def test_gelu(conforms):
    conforms(gelu, "gelu", gradient=gelu_gradient, approximate="tanh")
