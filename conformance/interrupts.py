"""Ctrl-C ends a command in order, once: its echo does not break off what the first one set going.

So does SIGTERM, with which batch systems and containers end what they run.
"""

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
_DEFAULTS: dict[signal.Signals, Any] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}


class Interrupts:
    """What interrupted a command: the first signal raises KeyboardInterrupt."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._number = 0

    def __call__(self, number: int, frame: Any) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first, self._number = now, number
            raise KeyboardInterrupt
        if now - self._first > _ECHO:
            os._exit(128 + number)

    def status(self, status: int) -> int:
        """The exit status of a command that would end with this one."""
        return 128 + self._number if status == 130 and self._number else status


@contextlib.contextmanager
def interruptible() -> Iterator[Interrupts]:
    """Within, the first Ctrl-C or SIGTERM raises KeyboardInterrupt; one that is no echo ends the process.

    A signal that is ignored, or that somebody else answers, is left alone.
    """
    interrupts = Interrupts()
    ours = threading.current_thread() is threading.main_thread()
    taken = [n for n, default in _DEFAULTS.items() if ours and signal.getsignal(n) is default]
    for number in taken:
        signal.signal(number, interrupts)
    try:
        yield interrupts
    finally:
        for number in taken:
            signal.signal(number, _DEFAULTS[number])
