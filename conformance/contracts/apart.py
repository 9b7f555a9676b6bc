"""The trials of an adapter in a process of its own: what ends or hangs it is one more thing that is wrong."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Generator, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from actcheck.conformance.backends.guard.guarded import find
from actcheck.conformance.backends.probe import PATIENCE
from actcheck.conformance.backends.process_exit import ending
from actcheck.conformance.contracts.adapters import planned
from actcheck.conformance.contracts.trial import Trial

#: Deaths after which the trials end: what fails before any trial fails again.
_DEATHS = 20
#: Seconds between two looks at whether a process has ended.
_PAUSE = 0.01


def trials(backend: str, activations: tuple[str, ...], patience: float) -> Iterator[Trial]:
    """Try the adapter of a name, with all activations if none is given.

    ``patience`` is the seconds that one trial may take. A process that ends is followed by another, which
    goes on with the next trial.
    """
    start = 0
    for _ in range(_DEATHS):
        tried = yield from _in_one_process(backend, activations, start, patience)
        if tried is None:
            return
        start += tried
    yield Trial("the trials", f"{_DEATHS} processes ended; the trials after these were not made")


def _in_one_process(
    backend: str, activations: tuple[str, ...], start: int, patience: float
) -> Generator[Trial, None, int | None]:
    """The trials from one on. Returns how many were begun, or None where none are left."""
    context = multiprocessing.get_context("spawn")
    heard, said = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(backend, activations, start, said), daemon=True)
    process.start()
    said.close()
    begun, what = 0, "loading it"
    try:
        while True:
            allowed = patience if begun else PATIENCE
            if not heard.poll(allowed):
                yield Trial(what, f"no answer in {allowed:g} s")
                return max(begun, 1)
            match json.loads(heard.recv_bytes()):
                case [what]:
                    begun += 1
                case [what, wrong]:
                    yield Trial(what, wrong)
                case _:
                    return None
    except EOFError:
        status = _status(process, patience)
        ended = f"it ended its process ({ending(status)})"
        yield Trial(what, "it closed what its process answers through" if status is None else ended)
        return max(begun, 1)
    finally:
        process.kill()
        process.join()
        heard.close()


def _status(process: SpawnProcess, patience: float) -> int | None:
    """How a process ended that answers no longer; None where it goes on."""
    # join() waits without end for a process that has closed all its files.
    deadline = time.monotonic() + patience
    while process.exitcode is None and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    return process.exitcode


def _work(backend: str, activations: tuple[str, ...], start: int, said: Connection) -> None:
    """The process: each trial's name, and then that with what is wrong; nothing at the end."""
    os.dup2(2, 1)  # what a backend prints is none of the command's output
    adapter = find(backend)
    adapter.use_threads(1)
    for plan in planned(adapter, activations)[start:]:
        _tell(said, plan.what)
        _tell(said, plan.what, plan.trial().wrong)
    _tell(said)


def _tell(said: Connection, *words: str) -> None:
    # As text: the command unpickles nothing that a backend's process made.
    said.send_bytes(json.dumps(words).encode())
