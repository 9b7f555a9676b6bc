"""Progress of a sweep: rate and time left; a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_PAUSE = 10.0


@contextlib.contextmanager
def progress_bar(
    total: int, stream: IO[str], clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[int], None]]:
    """Show how far a sweep of so many inputs has come; call the result with each number of inputs judged."""
    console = Console(file=stream, highlight=False)
    with _bar(total, console, clock) if console.is_terminal else _lines(total, stream, clock) as tell:
        yield tell


@contextlib.contextmanager
def _bar(total: int, console: Console, clock: Callable[[], float]) -> Iterator[Callable[[int], None]]:
    columns = (
        BarColumn(24),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]:,.0f} million a second"),
        TimeRemainingColumn(),
    )
    started, judged = clock(), 0
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total, rate=0.0)

        def tell(points: int) -> None:
            nonlocal judged
            judged += points
            progress.update(task, advance=points, rate=judged / 1e6 / max(clock() - started, 1e-9))

        yield tell


@contextlib.contextmanager
def _lines(total: int, stream: IO[str], clock: Callable[[], float]) -> Iterator[Callable[[int], None]]:
    started = last = clock()
    judged = 0

    def tell(points: int) -> None:
        nonlocal judged, last
        judged += points
        if clock() - last >= _PAUSE:
            last = clock()
            rate = judged / (last - started)
            left = (total - judged) / rate
            percent = 100 * judged / total
            print(
                f"{percent:.0f} %, {rate / 1e6:,.0f} million inputs a second, {left:.0f} s left",
                file=stream,
                flush=True,
            )

    yield tell
