"""Keeping the whole floating-point environment of a thread and putting it back, by C's ``fenv.h``.

What an environment holds is left to the C library: control word, rounding, flush modes and masks of every
unit. Whether it is as it should be is told by `modes`, never by the bits that are kept here.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from typing import Any

from actcheck.reference.machine.environment.modes import SOUND, mode_text, modes

#: An environment as the C library writes it.
Kept = Any
#: More than any C library's fenv_t.
_ROOM = 512
#: FE_DFL_ENV of glibc and musl.
_DEFAULT = -1


def _functions() -> tuple[Any, Any]:
    """fegetenv and fesetenv; None for each where there is none."""
    for name in (None, "libm.so.6") if sys.platform != "win32" else ("ucrtbase",):
        try:
            library = ctypes.CDLL(name)
            get, put = library.fegetenv, library.fesetenv
        except (OSError, AttributeError):
            continue
        get.argtypes = put.argtypes = [ctypes.c_void_p]
        return get, put
    return None, None


_GET, _PUT = _functions()


def kept() -> Kept:
    """The environment of this thread; None where it cannot be had."""
    room = ctypes.create_string_buffer(_ROOM)
    return room if _GET is not None and _GET(room) == 0 else None


#: The environment in which this module was loaded.
_FIRST = kept() if modes() == SOUND else None


def put(environment: Kept) -> bool:
    """Make this thread compute in an environment that `kept` gave; False where that cannot be done."""
    return environment is not None and bool(_PUT(environment) == 0)


def put_sound() -> bool:
    """Make this thread compute as IEEE 754 does by default; whether it now does so."""
    put(_FIRST)
    if modes() != SOUND and _PUT is not None and sys.platform.startswith("linux"):
        # Where a library changed the environment before this module was loaded, none was kept.
        _PUT(ctypes.c_void_p(_DEFAULT))
    return modes() == SOUND


@contextlib.contextmanager
def sound() -> Iterator[None]:
    """Compute as IEEE 754 does by default, within, whatever mode this thread is in.

    Raises RuntimeError where that cannot be had.
    """
    if modes() == SOUND:
        yield
        return
    found = kept()
    if not put_sound():
        raise RuntimeError(
            f"the processor {mode_text(modes())}, and this system has no way to change that for a while: "
            "nothing certain can be computed; restore its default mode"
        )
    try:
        yield
    finally:
        put(found)
