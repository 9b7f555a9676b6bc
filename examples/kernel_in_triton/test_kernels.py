"""Five lines hold the kernels to the specification: pytest -p actcheck.conformance.plugin"""

from kernels import DEVICE, gelu, gelu_gradient


def test_gelu(conforms):
    conforms(gelu, "gelu", gradient=gelu_gradient, like="torch", device=DEVICE, approximate="tanh")
