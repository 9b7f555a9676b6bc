"""Sums and products without error inside compiled loops, and how such loops are compiled.

No operation here may be reordered or fused: the loops are compiled without any of LLVM's liberties, and
multiply-adds are fused where they are written as such.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import platformdirs
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

#: The exponent bits of a float64, and those of 1.0.
EXPONENT, ONE_BITS = 0x7FF0000000000000, 0x3FF0000000000000


def digest_of_sources() -> str:
    """A digest of the modules of this package and of the compiler's version."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    parts = [p.name.encode() + p.read_bytes() for p in sources]
    return hashlib.sha256(b"".join([*parts, numba.__version__.encode()])).hexdigest()


def _folder() -> str:
    chosen = os.environ.get("ACTCHECK_CACHE")
    base = Path(chosen) if chosen else platformdirs.user_cache_path("actcheck")
    return str(base / f"loops-{digest_of_sources()[:16]}")


_FOLDER = _folder()


def compiled(function: Callable[..., Any]) -> Any:
    """The function compiled at its first call, or taken from disk; every operation as it is written."""
    config: Any = numba.config
    make: Any = numba.njit
    before, config.CACHE_DIR = config.CACHE_DIR, _FOLDER
    try:
        return make(cache=True, nogil=True, fastmath=False, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = before


def _make_fma(_context: Any, a: Any, b: Any, c: Any) -> Any:
    def generate(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(a, b, c), generate


def _make_bits(_context: Any, value: Any) -> Any:
    def generate(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(value), generate


def _make_number(_context: Any, value: Any) -> Any:
    def generate(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(value), generate


#: a * b + c with one rounding; the bits of a float64 as int64, and back.
fma: Any = intrinsic(_make_fma)
bits_of: Any = intrinsic(_make_bits)
number_of: Any = intrinsic(_make_number)


@compiled
def two_sum(a: float, b: float) -> tuple[float, float]:
    """a + b exactly, as the rounded sum and what it lacks (D. Knuth)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)
