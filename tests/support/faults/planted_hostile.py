"""Backends that would end, blind or hold up whoever asks them: ``planted_hostile.py:Hostile``."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter

#: Many times what a person reads.
_LONG = "so much to say " * 700_000


class SpeechlessError(RuntimeError):
    """Its text is an error."""

    def __str__(self) -> str:
        raise ValueError("no words")


def _raise(error: BaseException) -> Any:
    raise error


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _hang_unwatched() -> None:
    faulthandler.cancel_dump_traceback_later()
    faulthandler.disable()
    threading.Event().wait()


@cache
def _fork() -> None:
    """Both the process and its child return; once, as a fork of much memory is slow."""
    os.fork()


def _shallow() -> None:
    sys.setrecursionlimit(len(_frames()) + 8)


def _frames() -> list[Any]:
    frame, found = sys._getframe(), []
    while frame:
        found.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return found


def _blind() -> None:
    np.isnan = lambda x: np.zeros(np.shape(x), bool)  # type: ignore[assignment]


def _print_a_megabyte() -> None:
    print(_LONG[: 1 << 20])
    sys.stderr.write(_LONG[: 1 << 20])


def _leave_threads() -> None:
    for _ in range(20 - threading.active_count()):
        threading.Thread(target=threading.Event().wait, daemon=True).start()


def _change_the_place() -> None:
    os.chdir("/")
    os.environ["ACTCHECK_CACHE"] = "/dev/null"
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    np.seterr(all="raise")
    sys.stdout.close()


#: What the calls of an activation do before they compute rightly, where they get that far.
ACTS: Mapping[str, Callable[[], Any]] = {
    "hardshrink": _stop,
    "hardsigmoid": _hang_unwatched,
    "hardtanh": _fork,
    "hardswish": lambda: _raise(BaseException("no one catches me")),
    "leaky_relu": lambda: _raise(GeneratorExit()),
    "logsigmoid": lambda: pytest.skip("not today"),
    "relu": lambda: pytest.xfail("as expected"),
    "relu6": lambda: _raise(SpeechlessError()),
    "selu": lambda: _raise(KeyboardInterrupt()),
    "celu": _blind,
    "sigmoid": _shallow,
    "silu": lambda: _raise(RuntimeError(_LONG)),
    "softshrink": _print_a_megabyte,
    "tanh": _leave_threads,
    "tanhshrink": _change_the_place,
}
#: What it says instead of an answer.
SAID: Mapping[str, Any] = {"mish": Unsupported(None), "softplus": Unsupported("")}  # type: ignore[arg-type]


class Hostile(NumpyAdapter):
    """Does one thing of `ACTS` and `SAID` for an activation, and takes away gelu's parameters."""

    name = "hostile"

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        ACTS.get(activation, lambda: None)()
        if activation in SAID:
            return SAID[activation]
        result = super().call(activation, x, parameters)
        if activation == "celu":
            return np.where(np.equal(x, x), result, 0).astype(
                x.dtype
            )  # a number for NaN, which the blind do not see
        if activation == "gelu":
            parameters.clear()  # type: ignore[attr-defined]
        return result


#: Bytes beyond which the greedy give up: nobody has stopped them.
_ENOUGH = 4 << 30


def _keep() -> None:
    kept: list[Any] = []
    while len(kept) << 24 < _ENOUGH:
        kept.append(np.ones(1 << 21))
    raise AssertionError("nobody stops me")


def _take_at_once() -> None:
    taken = np.ones(_ENOUGH >> 4)
    threading.Event().wait()
    del taken


def _let_another_take() -> None:
    child = os.fork()
    if child == 0:
        _take_at_once()
    os.waitpid(child, 0)
    threading.Event().wait()


#: What the calls of an activation do with memory.
TAKES: Mapping[str, Callable[[], Any]] = {
    "elu": _keep,
    "hardtanh": _take_at_once,
    "relu": lambda: np.ones(1 << 56),
    "silu": _let_another_take,
}


class Greedy(NumpyAdapter):
    """Takes memory as `TAKES` says."""

    name = "greedy"

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        TAKES.get(activation, lambda: None)()
        return super().call(activation, x, parameters)


class UnknownError(Exception):
    """Nobody else can make one: it wants two arguments, and gives itself one."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


#: What ends or blinds the process that asks, or is no answer.
BREAKS: Mapping[str, Callable[[], Any]] = {
    "elu": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "hardtanh": lambda: os._exit(0),
    "relu": lambda: threading.Event().wait(),
    "silu": lambda: _raise(BaseException("no one catches me")),
    "hardsigmoid": lambda: _raise(UnknownError("not", "known")),
    "hardswish": lambda: _raise(SpeechlessError()),
    "softsign": lambda: _raise(KeyboardInterrupt()),
    "relu6": _blind,
    "leaky_relu": _change_the_place,
}


class Breaking(NumpyAdapter):
    """Does as `BREAKS` says."""

    name = "breaking"

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        BREAKS.get(activation, lambda: None)()
        return super().call(activation, x, parameters)
