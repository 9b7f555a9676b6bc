"""A program's process: bytes written to it and read from it before a deadline, and its end."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_KEEPER = Path(__file__).with_name("keeper.py")
#: Bytes that a pipe should hold, where the system lets us choose: arrays pass in few portions.
_PIPE = 1 << 20
#: No line is longer, and no more is kept of what comes while nothing is awaited.
LONGEST_LINE = 1 << 20
#: So much is kept of the end of its standard error.
_KEPT = 1 << 14
#: Seconds for a program to end by itself when its input is closed, and for its end to be told.
_GRACE = 1.0
#: Seconds in which what it has written arrives.
_MOMENT = 0.05


class LateError(Exception):
    """The deadline is over."""


class ClosedError(Exception):
    """The program has closed a stream, or has ended."""


class ProgramProcess:
    """A program with pipes to its standard streams. All its processes end with this one, however that ends.

    Raises OSError where it cannot be started.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._link, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-I", "-S", str(_KEEPER), str(theirs.fileno()), *words]
            # The keeper is out of reach of the terminal's Ctrl-C, too.
            self._keeper = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._in, self._out, self._err = map(_descriptor, self._streams)
        #: What came of its standard output and was not taken yet; the end of its standard error.
        self._ahead = bytearray()
        self._said = bytearray()
        self._hears = True

    @property
    def _streams(self) -> tuple[IO[bytes] | None, ...]:
        return self._keeper.stdin, self._keeper.stdout, self._keeper.stderr

    @property
    def said(self) -> bytes:
        """The end of what it wrote to its standard error until now."""
        with contextlib.suppress(LateError):
            self._wait(time.monotonic() + _MOMENT, 0)
        return bytes(self._said)

    def unasked(self) -> bytes:
        """What it has written to its standard output and was not taken."""
        with contextlib.suppress(ClosedError, LateError):
            self._read_ahead(0.0)
        return bytes(self._ahead)

    def write(self, data: bytes | memoryview, deadline: float) -> None:
        """Write all of it. Raises LateError and ClosedError."""
        left = memoryview(data).cast("B")
        while left:
            try:
                left = left[os.write(self._in, left) :]
            except BlockingIOError:
                self._wait(deadline, self._in)
            except BrokenPipeError:
                raise ClosedError("standard input") from None

    def line(self, deadline: float) -> bytes:
        """What it writes up to a newline, without it; at most `LONGEST_LINE`.

        Raises LateError and ClosedError.
        """
        searched = 0
        while (end := self._ahead.find(b"\n", searched)) < 0 and len(self._ahead) < LONGEST_LINE:
            searched = len(self._ahead)
            self._read_ahead(deadline)
        end = end if end >= 0 else LONGEST_LINE
        found = bytes(self._ahead[:end])
        del self._ahead[: end + 1]
        return found

    def fill(self, memory: memoryview, deadline: float) -> int:
        """Read bytes until the memory is full; fewer where it closes its output or the deadline is over."""
        given = min(len(memory), len(self._ahead))
        memory[:given] = self._ahead[:given]
        del self._ahead[:given]
        with contextlib.suppress(LateError, ClosedError):
            while given < len(memory):
                try:
                    count = os.readv(self._out, [memory[given:]])
                except BlockingIOError:
                    self._wait(deadline, self._out)
                    continue
                if not count:
                    break
                given += count
        return given

    def end(self, patience: float = _GRACE) -> int | None:
        """Let it end, or end it; its status, as `subprocess` tells it, and None where that is not known."""
        for stream in self._streams[:1]:
            if stream:
                stream.close()
        status = self.status(patience)
        with contextlib.suppress(OSError):
            self._link.send(b"x")
        status = self.status(_GRACE * 10) if status is None else status
        self._link.close()
        for stream in self._streams[1:]:
            if stream:
                stream.close()
        try:
            self._keeper.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        return status

    def kill(self) -> int | None:
        """End it now; its status."""
        return self.end(0.0)

    def status(self, patience: float) -> int | None:
        """How it ended; None where it goes on."""
        self._link.settimeout(max(patience, 0.001))
        try:
            told = self._link.recv(32, socket.MSG_PEEK)
            return int(told) if told.endswith(b"\n") else None
        except (OSError, ValueError):
            return None

    def _read_ahead(self, deadline: float) -> None:
        """Take what there is of its standard output, or wait for it."""
        while True:
            try:
                found = os.read(self._out, 1 << 16)
            except BlockingIOError:
                self._wait(deadline, self._out)
                continue
            if not found:
                raise ClosedError("standard output")
            self._ahead += found
            return

    def _wait(self, deadline: float, descriptor: int) -> None:
        """Wait until a stream is ready, and keep the end of what it says meanwhile."""
        poll = select.poll()
        if self._hears:
            poll.register(self._err, select.POLLIN)
        if descriptor:
            poll.register(descriptor, select.POLLOUT if descriptor == self._in else select.POLLIN)
        while True:
            ready = dict(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))
            if self._err in ready and not self._hear():
                poll.unregister(self._err)
            if descriptor in ready:
                return
            if time.monotonic() >= deadline:
                raise LateError

    def _hear(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            found = os.read(self._err, 1 << 16)
            self._said += found
            del self._said[:-_KEPT]
            self._hears = bool(found)
        return self._hears


def _descriptor(stream: IO[bytes] | None) -> int:
    if stream is None:
        raise OSError(errno.EBADF, "no pipe")
    descriptor = stream.fileno()
    os.set_blocking(descriptor, False)
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 (no such module on Windows)

        with contextlib.suppress(OSError):  # more than the system grants
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE)
    return descriptor
