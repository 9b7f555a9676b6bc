"""How much memory a process takes, and an end to those that take too much.

Limits of the system's own would be no answer: one on addresses (RLIMIT_AS) ends frameworks that reserve more
than they ever use, and each makes an allocation fail, which a backend may take for a reason to compute
otherwise, and a check for a refusal. So processes are looked at from outside, and one that takes too much is
ended. What a look may miss is the system's: workers ask to be the first that it ends (`end_me_first`).

Only Linux tells what is looked at here (proc(5)); elsewhere nothing is limited.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

GIB = 1 << 30
#: Seconds between two looks.
PAUSE = 0.2
#: Of the machine's memory, what all workers together take at most.
_SHARE = 0.8
#: No worker's limit is lower where there is as much: frameworks take some memory by themselves.
_LEAST = 4 * GIB
#: What ends a process; Windows has but the second.
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
#: What nobody else can give back: written memory, shared or not, and what was moved out of the way. Files
#: that are mapped do not count.
_OWN = re.compile(r"^(?:RssAnon|RssShmem|VmSwap):\s+(\d+) kB", re.MULTILINE)
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def usual(workers: int) -> int:
    """Bytes that each of so many workers may take where nothing is asked for."""
    whole = int(_SHARE * _machine())
    return max(whole // workers, min(_LEAST, whole))


def _machine() -> int:
    """The memory of the machine, or what its container grants of it."""
    try:
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    except (AttributeError, OSError, ValueError):  # not on every system, where nothing is limited either
        found = [_LEAST]
    for path in _LIMITS:
        with contextlib.suppress(OSError, ValueError):  # there is none, or it is "max"
            found.append(int(Path(path).read_text("ascii")))
    return min(found)


def taken(process: int) -> int:
    """Bytes that a process takes, or one that it started where that takes more; 0 where nobody tells."""
    return max((_own(number) for number in family(process)), default=0)


def _own(process: int) -> int:
    with contextlib.suppress(OSError):
        return 1024 * sum(map(int, _OWN.findall(Path(f"/proc/{process}/status").read_text("utf-8"))))
    return 0


def family(process: int) -> list[int]:
    """A process and all that it and those have started."""
    found = [process]
    for number in found:
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{number}/task").iterdir():
                found += map(int, (thread / "children").read_text("ascii").split())
    return found


def too_much(process: int, limit: int) -> str:
    """What a process takes beyond the limit, in words; nothing where it keeps to it."""
    found = taken(process)
    return f"took {_gib(found)} of memory, where a worker may take {_gib(limit)} (--memory)" * (found > limit)


def _gib(size: int) -> str:
    return f"{size / GIB:.3g} GiB"


def end(process: int) -> None:
    """Kill a process and those that it has started."""
    for number in reversed(family(process)):
        with contextlib.suppress(OSError):
            os.kill(number, KILL)


def end_me_first() -> None:
    """Where memory is short, the system is to end this process before others."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


@contextlib.contextmanager
def looking(look: Callable[[], None], every: float = PAUSE) -> Iterator[None]:
    """Look now and then, in a thread of its own."""
    done = threading.Event()

    def repeat() -> None:
        while not done.wait(every):
            look()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


class Allowance:
    """Memory that each of some processes may take; one that takes more is ended."""

    def __init__(self, limit: int, processes: Callable[[], Iterable[int]]) -> None:
        self._limit, self._processes = limit, processes
        #: What those that were ended had done, in words.
        self.exceeded: list[str] = []

    def look(self) -> None:
        """End those that take too much."""
        for process in self._processes():
            told = too_much(process, self._limit)
            if told:
                self.exceeded.append(told)
                end(process)
