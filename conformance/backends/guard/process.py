"""What a question leaves of the process it was asked in: changes are undone, and told.

Frameworks change their own state as they like. Looked at is what the questions after this one, and their
judge, stand on.
"""

from __future__ import annotations

import builtins
import contextlib
import math
import os
import signal
import sys
import threading
from collections.abc import Iterator
from operator import is_
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

#: Modules whose functions judge.
_JUDGES: tuple[ModuleType, ...] = (np, math, builtins)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class BlindedError(Exception):
    """Functions of the judge were replaced while a question was asked: nothing can be said of it."""


class _Lent:
    """A stream that nobody closes but its owner."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def close(self) -> None:
        self._stream.flush()


class Process:
    """The state of this process as it was when this was made; its streams are lent until it is restored."""

    def __init__(self) -> None:
        self._judges = [{**vars(module)} for module in _JUDGES]
        self._depth = sys.getrecursionlimit()
        self._folder = _folder()
        self._environment = {**os.environ}
        self._streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}
        self._lent = {name: _Lent(stream) for name, stream in self._streams.items() if stream is not None}
        for name, lent in self._lent.items():
            setattr(sys, name, lent)
        self._handlers = {number: signal.getsignal(number) for number in _handled()}

    @property
    def shallower(self) -> bool:
        """Whether the limit of recursion is lower: who meets it first is then a matter of chance."""
        return sys.getrecursionlimit() < self._depth

    def restored(self) -> list[str]:
        """What is otherwise now, in words; it is as it was afterwards. Raises BlindedError then."""
        changes = [*self._limits(), *self._places(), *self._listeners()]
        blinded = [*self._replaced()]
        if blinded:
            raise BlindedError(f"replaced {', '.join(blinded[:5])}, by which results are judged")
        return changes

    def _replaced(self) -> Iterator[str]:
        for module, before in zip(_JUDGES, self._judges, strict=True):
            now = vars(module)
            if all(map(is_, map(now.get, before), before.values())):
                continue
            for name, function in before.items():
                if now.get(name) is not function and name != "_":
                    setattr(module, name, function)
                    yield f"{module.__name__}.{name}"

    def _limits(self) -> Iterator[str]:
        depth = sys.getrecursionlimit()
        if depth != self._depth:
            sys.setrecursionlimit(self._depth)
            # Compilers of expressions raise it, for good reason.
            if depth < self._depth:
                yield f"the limit of recursion is {depth}"

    def _places(self) -> Iterator[str]:
        if _folder() != self._folder:
            with contextlib.suppress(OSError):
                os.chdir(self._folder or Path())
            yield "the working directory is another"
        changed = sorted(n for n, value in self._environment.items() if os.environ.get(n) != value)
        if changed:
            os.environ.update({name: self._environment[name] for name in changed})
            yield f"the environment has another {', '.join(changed)}"

    def _listeners(self) -> Iterator[str]:
        for name, stream in self._streams.items():
            if getattr(sys, name) is not self._lent.get(name):
                yield f"sys.{name} is another"
            setattr(sys, name, stream)
        for number in _handled():
            if signal.getsignal(number) != self._handlers.get(number):
                signal.signal(number, self._handlers[number])
                yield f"the handler of {number.name} is another"


def _folder() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # removed by somebody
        return None


def _handled() -> tuple[signal.Signals, ...]:
    """The signals whose handlers this thread can set, and which are Python's to set."""
    if threading.current_thread() is not threading.main_thread():
        return ()
    return tuple(number for number in _SIGNALS if signal.getsignal(number) is not None)


class Heard:
    """Whether this process was told to end while a question was asked."""

    def __init__(self, previous: Any) -> None:
        self._previous = previous
        self.interrupt = False

    def __call__(self, number: int, frame: Any) -> None:
        self.interrupt = True
        self._previous(number, frame)


@contextlib.contextmanager
def listening() -> Iterator[Heard]:
    """Tell a real Ctrl-C from a KeyboardInterrupt that somebody raises."""
    previous = signal.getsignal(signal.SIGINT)
    heard = Heard(previous)
    ours = callable(previous) and signal.SIGINT in _handled()
    if ours:
        signal.signal(signal.SIGINT, heard)
    try:
        yield heard
    finally:
        if ours:
            signal.signal(signal.SIGINT, previous)
