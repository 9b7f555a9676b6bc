"""Five lines hold the kernels to the specification: pytest -p actcheck.conformance.plugin"""

from kernels import gelu, gelu_gradient


def test_gelu(conforms):
    conforms(gelu, "gelu", gradient=gelu_gradient, approximate="tanh")
