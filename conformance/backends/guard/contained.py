"""A task where it is done: whatever a backend raises there, the one who gave it out can read what comes back.

An exception may be of a class that only the worker knows, or have no text; a function by which results are
judged may have been replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actcheck.adapters.base import BackendLostError
from actcheck.adapters.raised import text_of
from actcheck.conformance.backends.asker import UnansweredError
from actcheck.conformance.backends.guard.guarded import ENVIRONMENT_CHANGED
from actcheck.conformance.backends.guard.process import BlindedError, Process


@dataclass(frozen=True)
class Broken:
    """A task that gave nothing."""

    why: str


def contained(work: Callable[..., Any], *given: Any) -> Any:
    """What a task gives, or a `Broken`; the process is as it was before."""
    process = Process()
    try:
        done = work(*given)
    except BaseException as error:  # what a backend raises ends its task, whatever it is
        done = Broken(told(error))
    try:
        process.restored()
    except BlindedError as error:
        return Broken(told(error))
    return done


def left_changed(process: Process) -> dict[str, str]:
    """What a task left otherwise in its process, which is undone: kind of the fault to its message.

    Raises BlindedError.
    """
    told = [
        f"{ENVIRONMENT_CHANGED}: after a task {change}; leave it as it is" for change in process.restored()
    ]
    return dict.fromkeys([ENVIRONMENT_CHANGED], told[0]) if told else {}


def told(error: BaseException) -> str:
    """What was raised, in words."""
    if isinstance(error, BlindedError):
        return f"the backend {error}: nothing can be said of this task"
    plain = isinstance(error, UnansweredError | BackendLostError)
    name = "" if plain else f"{type(error).__name__}: "
    return f"{name}{text_of(error)}".removesuffix(": ")
