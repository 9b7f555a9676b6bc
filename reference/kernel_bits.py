"""The bits of floats inside compiled loops, and how such loops are compiled.

Compiled code is cached on disk under a digest of every module of loops: numba alone would not notice that a
function of another file has changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import platformdirs
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from actcheck.reference.code_digest import digest
from actcheck.reference.formats import FORMATS

F = FORMATS["float32"]
TOP = float(2.0 ** (F.emax + 1))
LEAST, MOST = 2.0**F.emin, 2.0**F.emax
EXPONENT = 0x7FF0000000000000
#: The bits of 1/ulp are this minus the exponent bits of the reference.
INVERSE = (2046 + F.precision - 1) << 52
#: Everything about patterns stays int32: wider integers would halve what a vector holds.
MAGNITUDE = np.int32(0x7FFFFFFF)
#: About 2^-42 of a number, as a difference of bit patterns: more than the radius of any segment.
BELOW = 1 << 10


#: What the compiled loops are made of: themselves, and the modules whose constants are compiled into them.
_COMPILED_IN = ("outward.py", "verdict.py", "formats.py", "code_digest.py")


def _folder() -> str:
    here = Path(__file__).parent
    made_of = [*here.glob("kernel*.py"), here / "products.py", *(here / name for name in _COMPILED_IN)]
    chosen = os.environ.get("ACTCHECK_CACHE")
    folder = Path(chosen) if chosen else platformdirs.user_cache_path("actcheck")
    return str(folder / f"loops-{digest(made_of, ('numba', 'llvmlite'))[:16]}")


_FOLDER = _folder()


def compiled(function: Callable[..., Any], inline: str = "never") -> Any:
    """The function compiled at its first call, or taken from disk; multiply-adds may be fused."""
    config: Any = numba.config
    make: Any = numba.njit
    before, config.CACHE_DIR = config.CACHE_DIR, _FOLDER
    try:
        flags = {"contract", "nsz"}
        return make(cache=True, nogil=True, fastmath=flags, error_model="numpy", inline=inline)(function)
    finally:
        config.CACHE_DIR = before


def inlined(function: Callable[..., Any]) -> Any:
    """The same for a function that is copied into the loops that call it."""
    return compiled(function, "always")


def pattern(value: float) -> np.int32:
    """The bits of a float32."""
    return np.float32(value).view(np.int32)


def _make_bits(_context: Any, value: Any) -> Any:
    def generate(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(value), generate


def _make_number(_context: Any, value: Any) -> Any:
    def generate(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(value), generate


#: The bits of a float64 as int64, and back.
bits_of: Any = intrinsic(_make_bits)
number_of: Any = intrinsic(_make_number)


@inlined
def per_unit(magnitude: float) -> Any:
    """1/ulp of a magnitude, exactly."""
    return number_of(INVERSE - (bits_of(min(max(magnitude, LEAST), MOST)) & EXPONENT))


@inlined
def polynomial(t: float, row: Any) -> Any:
    """A certificate's polynomial at t = x - centre."""
    p = row[10]
    for k in range(9, 0, -1):
        p = row[k] + p * t
    return p
