"""Ctrl-C ends a command in order, once: its echo does not break off what the first one set going."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

#: Seconds in which another one is an echo: some who start processes tell a process and then its whole group.
_ECHO = 2.0


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within, the first Ctrl-C raises KeyboardInterrupt; one that is no echo of it ends the process at once.

    Where Ctrl-C is ignored, or somebody else answers it, nothing changes.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _Interrupts())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class _Interrupts:
    def __init__(self) -> None:
        self._first: float | None = None

    def __call__(self, number: int, frame: Any) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
            raise KeyboardInterrupt
        if now - self._first > _ECHO:
            os._exit(128 + number)
