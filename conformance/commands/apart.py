"""Asking a backend in processes of its own, for a command."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from actcheck.conformance.commands.run import memory_of
from actcheck.conformance.model import Failure
from actcheck.conformance.sweep.executors import Executors, opened
from actcheck.conformance.sweep.scheduler import Driver
from actcheck.conformance.sweep.work import warm_up
from actcheck.conformance.usage import UsageError


@dataclass(frozen=True)
class Apart:
    """The workers of a command."""

    executors: Executors
    workers: int
    patience: float
    memory: int

    def driver(self, work: Callable[..., Any]) -> Driver:
        """Who gives out tasks to all of them."""
        return Driver(self.executors, work, self.workers, self.patience, self.memory)

    def ask(self, work: Callable[..., Any], *given: Any) -> Any:
        """What one of them gives for a single task; a `Failure` where the backend breaks it."""
        ((_, done),) = self.driver(work).run([given])
        return Failure("backend", done, "") if isinstance(done, str) else done


@contextlib.contextmanager
def asking(arguments: argparse.Namespace, workers: int) -> Iterator[Apart]:
    """The workers that a command line asks for. Raises UsageError where there are none."""
    first = partial(warm_up, arguments.backend)
    with opened(arguments.executor, workers, arguments.scheduler, first) as executors:
        try:
            yield Apart(executors, workers, arguments.timeout, memory_of(arguments))
        except BrokenExecutor as error:
            raise UsageError(f"the processes of the backend {arguments.backend} die: {error}") from None
