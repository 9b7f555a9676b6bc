"""Progress while a run works: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from actcheck.conformance.results.records import CheckResult

#: Seconds between two lines where there is no terminal.
_PAUSE = 10.0

Tell = Callable[[CheckResult], None]


@contextlib.contextmanager
def progress_bar(total: int, stream: IO[str], clock: Callable[[], float] = time.monotonic) -> Iterator[Tell]:
    """Show how far a run has come, on this stream; call the result with each answer."""
    # pytest captures what goes to the standard streams while it runs: keep a way past it.
    with _kept(stream) as kept:
        console = Console(file=kept, highlight=False)
        with _bar(total, console) if console.is_terminal else _lines(total, kept, clock) as tell:
            yield tell


@contextlib.contextmanager
def _kept(stream: IO[str]) -> Iterator[IO[str]]:
    try:
        number = os.dup(stream.fileno())
    except (OSError, ValueError):  # no file of the system stands behind it
        yield stream
        return
    with os.fdopen(number, "w", encoding="utf-8", errors="replace") as kept:
        yield kept


@contextlib.contextmanager
def _bar(total: int, console: Console) -> Iterator[Tell]:
    columns = (
        BarColumn(24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    failed = 0
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total, failed=0)

        def tell(asked: CheckResult) -> None:
            nonlocal failed
            failed += asked.record.outcome in ("fail", "error")
            progress.update(task, advance=1, failed=failed, description=asked.record.activation)

        yield tell


@contextlib.contextmanager
def _lines(total: int, stream: IO[str], clock: Callable[[], float]) -> Iterator[Tell]:
    last = clock()
    first: float | None = None
    answered = failed = 0

    def tell(asked: CheckResult) -> None:
        nonlocal answered, failed, first, last
        now = clock()
        answered += 1
        failed += asked.record.outcome in ("fail", "error")
        if first is None:
            first = now  # sweeps and the start of the workers come before, and tell nothing of the pace
        elif now - last >= _PAUSE:
            last = now
            left = (now - first) / (answered - 1) * (total - answered)
            print(f"{answered}/{total} answered, {failed} failed, {left:.0f} s left", file=stream, flush=True)

    yield tell
