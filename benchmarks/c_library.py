"""The C library's float32 functions as a backend: ``actcheck sweep tanh --backend
benchmarks/c_library.py:CLibrary``.

Its tanhf is faithful with nothing to spare: in some binades the errors of four in ten results lie within 1e-6
of one ULP, which makes it a hard case for a judge. Needs a C compiler, named by CC or `cc`.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Description

_SOURCE = """
#include <math.h>
#include <stddef.h>
void apply(const float *x, float *y, size_t n) { for (size_t i = 0; i < n; i++) y[i] = tanhf(x[i]); }
"""


@lru_cache(maxsize=1)
def _library() -> Any:
    folder = Path(tempfile.mkdtemp(prefix="actcheck-c-"))
    source, library = folder / "apply.c", folder / "apply.so"
    source.write_text(_SOURCE, "ascii")
    compiler = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run([*compiler, "-O2", "-shared", "-fPIC", "-o", library, source, "-lm"], check=True)
    return ctypes.CDLL(str(library))


class CLibrary(Adapter):
    """tanhf of the C library that this process runs with."""

    name = "c-library"

    def describe(self) -> Description:
        """Float32 alone."""
        return Description("libm", " ".join(os.confstr("CS_GNU_LIBC_VERSION").split()), "cpu", ("float32",))

    def functions(self) -> Any:
        """tanh."""
        return {"tanh": _tanh}


def _tanh(x: Any) -> Any:
    y = np.empty_like(x)
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (x, y)]
    _library().apply(*pointers, ctypes.c_size_t(x.size))
    return y
