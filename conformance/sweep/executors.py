"""Where the tasks of a sweep are done: anything with the interface of `concurrent.futures`."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from actcheck.conformance.backends.process_memory import end_me_first
from actcheck.conformance.usage import UsageError

KINDS = ("local", "dask")
#: Of addresses of dask schedulers.
_SCHEMES = ("tcp", "tls", "ws", "wss")


class Executors:
    """Executors that stand ready, and new ones where there is none."""

    def __init__(self, make: Callable[[], Executor], ready: Sequence[Executor] = ()) -> None:
        self._make, self._ready = make, [*ready]

    def take(self) -> Executor:
        """One that is nobody else's."""
        return self._ready.pop() if self._ready else self._make()

    def give_back(self, executor: Executor) -> None:
        """One that is sound, and has nothing to do."""
        self._ready.append(executor)

    def dismiss(self) -> None:
        """End those that stand ready."""
        while self._ready:
            dismiss(self._ready.pop())


@contextlib.contextmanager
def opened(
    kind: str, workers: int, scheduler: str | None = None, first: Callable[[], None] | None = None
) -> Iterator[Executors]:
    """A way to get executors, closed at the end. Raises UsageError where there is none.

    Local processes start at once, and do ``first``, so that they are ready when they are wanted.
    """
    with contextlib.ExitStack() as stack:
        if kind == "dask":
            yield _dask(scheduler, stack)
            return
        ready = _local(workers)
        executors = Executors(lambda: _local(workers), [ready])
        stack.callback(executors.dismiss)
        for _ in range(workers):
            if first:
                ready.submit(first)
        yield executors


def processes(executor: Executor) -> list[int]:
    """The ids of an executor's processes; none where they are not ours."""
    return [process.pid for process in _known(executor)]


def end(executor: Executor) -> bool:
    """Kill the processes of an executor, which then counts as broken; False where they are not ours."""
    known, results = _known(executor), getattr(executor, "_result_queue", None)
    for process in known:
        process.kill()
    if known and results:
        # Our own end, without which what waits for the rest of a result learns that there is none.
        results._writer.close()
    return bool(known)


def dismiss(executor: Executor) -> None:
    """Let an executor go, and wait for nothing.

    Its processes are killed, as Python waits for them when it ends: without end for one that is stopped, or
    needs a lock that a dead one held.
    """
    end(executor)
    executor.shutdown(wait=False)


def bereft(executor: Executor) -> bool:
    """Whether a process of an executor is dead. It learns of that itself, but not amid a result."""
    return any(not process.is_alive() for process in _known(executor))


def _known(executor: Executor) -> list[Any]:
    """The processes of an executor; none where they are not ours."""
    known: dict[int, Any] | None = getattr(executor, "_processes", None)
    return [*(known or {}).values()]


def _local(workers: int) -> Executor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_settle)


def _settle() -> None:
    """A worker leaves Ctrl-C to the process that gives out the work, and keeps to one thread."""
    end_me_first()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _follow() -> None:
    """End with the process that gives out the work, however that ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _is_address(scheduler: str) -> bool:
    try:
        parts = urlsplit(scheduler if "://" in scheduler else f"tcp://{scheduler}")
        return parts.scheme in _SCHEMES and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        return False


def _dask(scheduler: str | None, stack: contextlib.ExitStack) -> Executors:
    if scheduler is None:
        raise UsageError("--executor dask needs --scheduler ADDRESS, such as tcp://127.0.0.1:8786")
    if not _is_address(scheduler):
        # Told here: dask's client waits for what it cannot reach when it is thrown away.
        raise UsageError(f"--scheduler {scheduler}: is no address; give one such as tcp://127.0.0.1:8786")
    try:
        from distributed import Client  # noqa: PLC0415

        connect: Any = Client
    except ImportError:
        raise UsageError("--executor dask needs dask: pip install 'actcheck[dask]'") from None
    try:
        client: Any = stack.enter_context(connect(scheduler, timeout=10, set_as_default=False))
    except (OSError, ValueError) as error:
        raise UsageError(f"--scheduler {scheduler}: no scheduler answers there ({error})") from None
    # Each task is asked at most once at a time; losing a worker is for us to handle.
    return Executors(lambda: client.get_executor(retries=1, pure=False))
