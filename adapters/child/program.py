"""A program that is asked call after call, and started again after it broke."""

from __future__ import annotations

import shlex
import shutil
import signal
import threading
import time
from collections.abc import Mapping
from typing import Any

from actcheck.adapters.child import messages
from actcheck.adapters.child.hello import Hello
from actcheck.adapters.child.messages import MessageError
from actcheck.adapters.child.process import ClosedError, LateError, ProgramProcess
from actcheck.adapters.child.texts import ascii_of, ending, shown
from actcheck.adapters.exits import exit_text
from actcheck.adapters.raised import shortened
from actcheck.adapters.values import Array, BackendLostError, Parameters, Unsupported

#: Seconds for a program to say hello.
PATIENCE = 60.0
#: A result is not larger than so many times its arguments, and some bytes: that is a mistake in its shape.
_LARGEST, _MORE = 16, 4096
#: No reason of a program is longer.
_REASON = 500


class RefusedError(ValueError):
    """The program refuses to compute with these parameters; the text is its reason."""


class Program:
    """A command, whose process is started when it is needed. Calls from several threads wait for each other.

    Everything that ends the process, or leaves it in a state in which it cannot be asked again, raises
    BackendLostError with what happened and the end of its standard error; the next call starts it again.
    """

    def __init__(self, command: str, patience: float = PATIENCE) -> None:
        self.command, self._patience = command, patience
        self._process: ProgramProcess | None = None
        self._lock = threading.Lock()
        self._number = 0
        #: What it said when it was first started.
        self._hello: Hello | None = None

    @property
    def hello(self) -> Hello:
        """What it says of itself. Raises BackendLostError where it says nothing that can be used."""
        with self._lock:
            if self._hello is None:
                self._started()
        assert self._hello is not None
        return self._hello

    def call(
        self, quantity: str, activation: str, parameters: Parameters, arrays: Mapping[str, Array]
    ) -> Array | Unsupported:
        """The answer to a call. Raises RefusedError, and BackendLostError where there is none."""
        with self._lock:
            process = self._started()
            assert self._hello is not None
            self._number += 1
            what = f"{quantity} of {activation}"
            limit = self._hello.time_limit(sum(a.size for a in arrays.values()))
            asked = messages.call(self._number, quantity, activation, parameters, arrays)
            try:
                return self._answer(process, *asked, time.monotonic() + limit)
            except LateError:
                told = f"gave no answer within {limit:g} s, asked for the {what}"
                early = process.unasked()
                told += f"; its standard output holds {shown(early)}" if early else ""
            except ClosedError as error:
                told = f"gave no answer: {self._ended(process, str(error))}, asked for the {what}"
            except MessageError as error:
                told = f"{error}, asked for the {what}"
            raise self._lost(told)

    def end(self) -> int | None:
        """Close its input; its exit status, and None where it goes on and had to be killed.

        Raises BackendLostError where it is not running and cannot be started.
        """
        with self._lock:
            process = self._started()
            self._process = None
            status = process.end(self._patience)
        return None if status == -signal.SIGKILL else status

    def __del__(self) -> None:
        process, self._process = getattr(self, "_process", None), None
        if process is not None:
            process.kill()

    def _started(self) -> ProgramProcess:
        """Its process, which has said hello. Raises BackendLostError."""
        if self._process is not None:
            return self._process
        try:
            words = shlex.split(self.command)
            if not words or shutil.which(words[0]) is None:
                raise self._lost("cannot be started: there is no such file, or it may not be executed")
            self._process = process = ProgramProcess(words)
        except (OSError, ValueError) as error:
            raise self._lost(f"cannot be started: {error}") from None
        try:
            deadline = time.monotonic() + self._patience
            process.write(messages.greeting(), deadline)
            said = Hello(messages.parsed(process.line(deadline), ["hello"]))
        except LateError:
            told = f"said no hello within {self._patience:g} s"
        except ClosedError as error:
            told = f"said no hello: {self._ended(process, str(error))}"
        except MessageError as error:
            told = f"{error}, when it was to say hello"
        else:
            if self._hello is None or self._hello == said:
                self._hello = said
                return process
            told = "says hello otherwise than when it was first started"
        raise self._lost(told)

    def _answer(
        self, process: ProgramProcess, line: bytes, arrays: list[Array], deadline: float
    ) -> Array | Unsupported:
        early = process.unasked()
        if early:
            raise MessageError(f"wrote to its standard output between two calls: {shown(early)}")
        process.write(line, deadline)
        for array in arrays:
            process.write(messages.bytes_of(array), deadline)
        process.write(b"\n", deadline)
        reply = messages.parsed(process.line(deadline), messages.REPLIES)
        if reply["id"] != self._number:
            raise MessageError(f"answered call {reply['id']}, where call {self._number} was put")
        match reply["message"]:
            case "ok":
                return self._result(process, reply, sum(a.nbytes for a in arrays), deadline)
            case "unsupported":
                return Unsupported(_reason(reply))
            case "refused":
                raise RefusedError(_reason(reply))
        raise BackendLostError(f"{self._named} answered error: {_reason(reply)}")

    def _result(
        self, process: ProgramProcess, reply: Mapping[str, Any], given: int, deadline: float
    ) -> Array:
        count = messages.size(reply["format"], reply["shape"])
        if count > _LARGEST * given + _MORE:
            told = f"{reply['format']} of shape {reply['shape']}"
            raise MessageError(
                f"announced {told[:100]}, {shortened(str(count), 30)} bytes, for {given} bytes of arguments"
            )
        result = messages.room(reply["format"], reply["shape"])
        newline = bytearray(1)
        came = process.fill(messages.bytes_of(result), deadline) if count else 0
        if came < count:
            late = time.monotonic() >= deadline
            how = "no more came in time" if late else self._ended(process, "standard output")
            raise MessageError(f"wrote {came:,} of the {count:,} bytes that its reply announced, then {how}")
        if process.fill(memoryview(newline), deadline) and newline == b"\n":
            return messages.as_read(result)
        raise MessageError(
            f"wrote no newline after the {count:,} bytes that its reply announced: too few bytes, or too many"
        )

    @property
    def _named(self) -> str:
        name = self.command if self._hello is None else self._hello.name
        return f"the program {ascii_of(name.encode('utf-8', 'backslashreplace'))[:200]}"

    def _ended(self, process: ProgramProcess, stream: str) -> str:
        """How it left, in words."""
        status = process.status(1.0)
        if status is None:
            return f"it closed its {stream} and went on"
        return f"it ended ({exit_text(status)})"

    def _lost(self, told: str) -> BackendLostError:
        """What happened, and the end of its standard error; its process is ended."""
        process, self._process = self._process, None
        said = ""
        if process is not None:
            said = ending(process.said)
            process.kill()
        more = f"; its standard error ends: {said}" if said else ""
        return BackendLostError(f"{self._named} {told}{more}")


def _reason(reply: Mapping[str, Any]) -> str:
    told = ascii_of(reply["reason"].encode("utf-8", "backslashreplace")) or "no reason given"
    return shortened(told, _REASON)
