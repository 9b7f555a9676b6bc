"""Ends workers that say nothing any more, stopped ones say, and those that take too much memory."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable

from actcheck.conformance.backends import process_memory

#: Seconds beyond a question's own limit: a worker's watchdog comes first, and a busy machine loads slowly.
SLACK = 60.0


class Overseer:
    """When each worker was last heard of; one that is silent for longer than its limit is killed.

    So is one that takes more than its bytes of memory. A worker counts as silent while it loads the backend,
    too, which no watchdog of its own looks at.
    """

    def __init__(self, limit: float, memory: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._memory = limit, memory
        self._clock = clock
        self._heard: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()
        #: Workers that were killed for their silence.
        self.silent: set[str] = set()
        #: Those that were killed for their memory, and what they had taken, in words.
        self.greedy: dict[str, str] = {}

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
        """Kill those that are silent, and those that take too much."""
        with self._lock:
            now = self._clock()
            for worker, (process, last) in [*self._heard.items()]:
                told = process_memory.too_much(process, self._memory)
                if told:
                    self.greedy[worker] = told
                    process_memory.end(process)
                elif now - last > self._limit:
                    self.silent.add(worker)
                    with contextlib.suppress(OSError):
                        os.kill(process, process_memory.KILL)
                else:
                    continue
                del self._heard[worker]
