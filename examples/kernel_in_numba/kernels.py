"""A fast gelu in float32, tanh form, and its gradient: float64 inside, one rounding at the end."""

import math

import numba

ROOT = math.sqrt(2 / math.pi)


def compiled(cubic):
    """gelu and its gradient, with this factor of x^3."""

    @numba.vectorize(["float32(float32)"])
    def gelu(x):
        """x/(1 + exp(-2u)), which is x/2*(1 + tanh(u)) without cancellation."""
        if x < -14.0:
            return numba.float32(-0.0)
        z = numba.float64(x)
        return numba.float32(z / (1.0 + math.exp(-2.0 * ROOT * (z + cubic * z * z * z))))

    @numba.vectorize(["float32(float32, float32)"])
    def gelu_gradient(x, upstream):
        """The derivative at x, times the upstream."""
        if abs(x) > 14.0:
            return upstream * numba.float32(x > 0)
        z = numba.float64(x)
        e = math.exp(-2.0 * ROOT * (z + cubic * z * z * z))
        inner = 2.0 * ROOT * (1.0 + 3.0 * cubic * z * z)
        return numba.float32(upstream * ((1.0 + z * inner * e / (1.0 + e)) / (1.0 + e)))

    return gelu, gelu_gradient


gelu, gelu_gradient = compiled(0.044715)
