"""Ends workers that say nothing any more: stopped ones, and those that got rid of their own watchdog."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

#: Seconds beyond a question's own limit: a worker's watchdog comes first, and a busy machine loads slowly.
SLACK = 60.0
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has but the one


class Overseer:
    """When each worker was last heard of; one that is silent for longer than its limit is killed.

    A worker counts as silent while it loads the backend, too, which no watchdog of its own looks at.
    """

    def __init__(self, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._heard: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()
        #: Workers that were killed.
        self.killed: set[str] = set()

    def hear(self, worker: str, process: int | None) -> None:
        """A worker begins, or has answered."""
        if process is not None:
            with self._lock:
                self._heard[worker] = (process, self._clock())

    def forget(self, worker: str) -> None:
        """A worker is gone, or has nothing left to do."""
        with self._lock:
            self._heard.pop(worker, None)

    def look(self) -> None:
        """Kill those that are silent."""
        with self._lock:
            now = self._clock()
            silent = {w: process for w, (process, last) in self._heard.items() if now - last > self._limit}
            for worker, process in silent.items():
                self.killed.add(worker)
                del self._heard[worker]
                with contextlib.suppress(OSError):
                    os.kill(process, _KILL)

    @contextlib.contextmanager
    def looking(self, every: float = 1.0) -> Iterator[None]:
        """Look now and then, in a thread of its own."""
        done = threading.Event()

        def look() -> None:
            while not done.wait(every):
                self.look()

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
