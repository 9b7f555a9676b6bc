"""Giving out the tasks of a sweep: a few at a time, again where a worker died, and never more than that."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from actcheck.conformance.backends.guard.contained import Broken, contained, told
from actcheck.conformance.backends.process_memory import Allowance, looking
from actcheck.conformance.sweep.executors import Executors, bereft, dismiss, end, processes

#: A task and what it gave, or the reason, a text, why there is nothing.
Done = tuple[Any, Any]
#: A task that kills its worker, or fails, is tried so often.
_TRIES = 2
PATIENCE = 600.0
#: Seconds between two looks at whether a worker is dead of which the executor does not know.
_LOOK = 5.0


@dataclass
class Driver:
    """Does tasks on executors; ``work`` must be importable there."""

    executors: Executors
    work: Callable[..., Any]
    workers: int
    #: Seconds in which some task must end, or the workers count as hung; tasks take few.
    patience: float = PATIENCE
    #: Bytes that a worker may take.
    memory: int | None = None
    #: What happened to a worker that broke its executor.
    _fate: str = ""
    _tries: dict[Any, int] = field(default_factory=dict)

    def run(self, tasks: Iterable[tuple[Any, ...]]) -> Iterator[Done]:
        """The results in the order in which they come in; each task is a tuple of arguments.

        Where a worker dies, the tasks that were under way are done again one by one, so that the one that
        kills its worker is known. Raises BrokenExecutor where workers die before they are given a task.
        """
        waiting, suspects = deque(tasks), deque[tuple[Any, ...]]()
        executor = self.executors.take()
        sound = False
        try:
            while waiting or suspects:
                alone = bool(suspects)
                broken, asked = [], 0
                for task, result in self._through(
                    executor, deque([suspects.popleft()]) if alone else waiting
                ):
                    asked += 1
                    if isinstance(result, BrokenExecutor):
                        broken.append(task)
                    else:
                        yield task, result
                if broken:
                    dismiss(executor)
                    executor = self.executors.take()
                    yield from self._again(broken, suspects, alone)
                elif not asked:
                    raise BrokenExecutor("the workers died before they were given a task")
            sound = True
        finally:
            if sound:
                self.executors.give_back(executor)
            else:
                dismiss(executor)

    def _again(self, broken: list[Any], suspects: deque[Any], alone: bool) -> Iterator[Done]:
        for task in broken:
            self._tries[task] = self._tries.get(task, 0) + alone
            if self._tries[task] >= _TRIES:
                yield task, f"its worker {self._fate}, twice"
            else:
                suspects.append(task)

    def _through(self, executor: Executor, source: deque[Any]) -> Iterator[tuple[Any, Any]]:
        """What comes of the tasks of a source; a broken executor's come back with the exception."""
        allowance = Allowance(self.memory, lambda: processes(executor)) if self.memory else None
        self._fate = "died"
        with looking(allowance.look) if allowance else nullcontext():
            yield from self._put(executor, source)
        if allowance and allowance.exceeded:
            self._fate = allowance.exceeded[-1]

    def _done(self, executor: Executor, under_way: Iterable[Future[Any]]) -> set[Future[Any]]:
        """Those that are done, as soon as there is one; none where time runs out."""
        deadline, missed = time.monotonic() + self.patience, False
        while (left := deadline - time.monotonic()) > 0:
            done = wait(under_way, min(left, _LOOK), FIRST_COMPLETED).done
            if done:
                return done
            if missed:
                end(executor)
            missed = bereft(executor)
        return set()

    def _put(self, executor: Executor, source: deque[Any]) -> Iterator[tuple[Any, Any]]:
        under_way: dict[Future[Any], Any] = {}
        broke = False
        while under_way or (source and not broke):
            while source and not broke and len(under_way) < 2 * self.workers:
                try:
                    future = executor.submit(contained, self.work, *source[0])
                except BrokenExecutor:
                    broke = True
                else:
                    under_way[future] = source.popleft()
            done = self._done(executor, under_way)
            if not done:
                self._fate = f"gave no answer within {self.patience:g} s (--timeout)"
                if not end(executor):
                    raise BrokenExecutor(f"no worker answers within {self.patience:g} s (--timeout)")
            for future in done:
                task = under_way.pop(future)
                error = future.exception()
                broke |= isinstance(error, BrokenExecutor)
                if isinstance(error, BrokenExecutor):
                    yield task, error
                elif error is not None:
                    yield task, told(error)
                else:
                    done = future.result()
                    yield task, done.why if isinstance(done, Broken) else done
