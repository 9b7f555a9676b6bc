"""Runs a program so that nothing of it outlives whoever asked for it.

A process of its own between the two: ``python -I -S keeper.py DESCRIPTOR PROGRAM ARGUMENT...``. The
descriptor is one end of a pair of sockets. When the other end closes, or says so, or the program ends, all
processes of the program are killed (its process group, and on Linux whatever left that group), and the
program's exit status is written to the socket. It needs the standard library alone, and starts quickly.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
from pathlib import Path

#: Of Linux's prctl: a signal when the parent ends; orphaned descendants become children of this process.
_DEATH_SIGNAL, _SUBREAPER = 1, 36


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process where the system has such a call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def start(command: list[str]) -> int:
    """The process id of the program, which leads a session and a process group of its own."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        prctl(_DEATH_SIGNAL, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        if os.getppid() == parent:
            os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]} cannot be started: {error.strerror}\n".encode())
    os._exit(127)


def watch(link: int, wakeup: int, child: int) -> int | None:
    """Wait until the link closes or speaks, or the program ends; its status where it has."""
    while True:
        ready, _, _ = select.select([link, wakeup], [], [])
        if wakeup in ready and signal.SIGTERM in os.read(wakeup, 512):
            return None
        status = reaped(child)
        if status is not None or link in ready:
            return status


def reaped(child: int) -> int | None:
    """Take leave of every process that has ended; the status of the program where it is among them."""
    found = None
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            found = os.waitstatus_to_exitcode(ended[1]) if ended[0] == child else found
    return found


def kill(child: int, status: int | None) -> int:
    """End all processes of the program; its status, as `subprocess` tells it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    while True:
        left = children()
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        try:
            ended, how = os.waitpid(-1 if left or status is None else -child, 0)
        except ChildProcessError:
            return -signal.SIGKILL if status is None else status
        status = os.waitstatus_to_exitcode(how) if ended == child else status


def children() -> list[int]:
    """The processes that are children of this one, as Linux lists them; none are known elsewhere."""
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    return []


def main() -> None:
    """Run the program of the command line to its end, or to that of whoever asked for it."""
    link, command = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(link, False)
    wakeup, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    prctl(_SUBREAPER, 1)
    child = start(command)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    status = kill(child, watch(link, wakeup, child))
    with contextlib.suppress(OSError):
        os.write(link, f"{status}\n".encode())


if __name__ == "__main__":
    main()
