"""The kernels of gelu.c, called by ctypes on numpy's arrays."""

import ctypes
import subprocess
import tempfile
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).with_name("gelu.c")
FLOATS = ctypes.POINTER(ctypes.c_float)


def built(*options):
    """gelu and its gradient, from a shared library that cc makes in a folder of its own."""
    library = Path(tempfile.mkdtemp(), "gelu.so")
    subprocess.run(["cc", "-O2", "-fPIC", "-shared", *options, SOURCE, "-o", library, "-lm"], check=True)
    kernels = ctypes.CDLL(str(library))
    return caller(kernels.gelu), caller(kernels.gelu_gradient)


def caller(kernel):
    """The kernel for arrays of any shape and layout: it is given plain copies of those."""

    def call(*arrays):
        given = [np.ascontiguousarray(a, np.float32).reshape(-1) for a in arrays]
        y = np.empty_like(given[0])
        kernel(*(a.ctypes.data_as(FLOATS) for a in (*given, y)), ctypes.c_size_t(y.size))
        return y.reshape(arrays[0].shape)

    call.__name__ = kernel.__name__
    return call


gelu, gelu_gradient = built()
