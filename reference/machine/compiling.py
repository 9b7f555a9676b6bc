"""How loops over floats are compiled, and what they need beside numba: bits of floats, and fused operations.

Compiled code is cached on disk under a digest of the module that it is of and of all that this imports: numba
alone would not notice that a function of another file has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numba
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from actcheck.reference.machine.code_digest import digest, sources
from actcheck.reference.machine.compiled_files import CheckedFiles
from actcheck.reference.machine.kept import folder, made

#: The exponent bits of a float64.
EXPONENT = 0x7FF0000000000000


@lru_cache(maxsize=64)
def _folder(module: str) -> str:
    # numba's own complaint about a place that cannot be made names neither.
    return str(made(folder(f"loops-{digest(sources(module), ('numba', 'llvmlite'))[:16]}")))


def _compiled(function: Callable[..., Any], liberties: set[str], inline: str) -> Any:
    config: Any = numba.config
    make: Any = numba.njit
    before, config.CACHE_DIR = config.CACHE_DIR, _folder(function.__module__)
    try:
        fast = liberties or False
        loop = make(cache=True, nogil=True, fastmath=fast, error_model="numpy", inline=inline)(function)
        loop._cache._cache_file = CheckedFiles.of(loop._cache)
        return loop
    finally:
        config.CACHE_DIR = before


def exactly(function: Callable[..., Any]) -> Any:
    """The function compiled at its first call, or taken from disk; every operation as it is written."""
    return _compiled(function, set(), "never")


def compiled(function: Callable[..., Any]) -> Any:
    """The same, but that multiply-adds may be fused and zeros lose their signs."""
    return _compiled(function, {"contract", "nsz"}, "never")


def inlined(function: Callable[..., Any]) -> Any:
    """The same for a function that is copied into the loops that call it."""
    return _compiled(function, {"contract", "nsz"}, "always")


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
