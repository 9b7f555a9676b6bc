"""The same with a digit lost; failure.txt shows what pytest says of it."""

from kernels import compiled

gelu, gelu_gradient = compiled(0.0447)


def test_gelu(conforms):
    conforms(gelu, "gelu", gradient=gelu_gradient, approximate="tanh")
