"""What a program writes to its standard output, where it should speak the protocol.

The program is a thread at the other ends of two pipes, so that an example takes no process: it reads what it
is told, writes what was drawn, and leaves.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Sequence
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import strategies as st

from actcheck.adapters.child import ChildAdapter, process, program
from actcheck.adapters.values import BackendLostError
from actcheck.conformance.backends.asker import UnansweredError, formed
from tests.fuzz.documents import damaged, garbled

X = np.array([-1.0, 0.5, 2.0], np.float32)
HELLO = {
    "message": "hello", "protocol": 1, "name": "fuzzed", "version": "1", "framework": "f", "device": "cpu",
    "number_model": "ieee", "time_limit": 60, "details": {"built": "cc"}, "formats": ["float32", "float64"],
    "quantities": ["forward", "gradient"],
    "activations": {
        "relu": {"quantities": ["forward", "gradient"], "formats": ["float32"]},
        "leaky_relu": {"parameters": {"negative_slope": [0.01, "inf"]}, "defaults": {"negative_slope": 0.01}},
    },
}  # fmt: skip
OK = {"message": "ok", "id": 1, "format": "float32", "shape": [3]}
REFUSED = {"message": "refused", "id": 1, "reason": "negative"}
#: No message of ours is longer.
_LONGEST = 2500


def line(message: Any) -> bytes:
    """A message as it is written."""
    return json.dumps(message).encode() + b"\n"


_extents = st.one_of(
    st.integers(0, 4), st.sampled_from([3.0, 1e18, 2**31, 2**63, 10**4000, -1, True, None, "3"])
)
_kinds = st.sampled_from(["float32", "float16", "bool", "complex128", "bfloat16"])
_shaped = st.builds(
    lambda shape, kind: {**OK, "shape": shape, "format": kind}, st.lists(_extents, max_size=33), _kinds
)
_opened = st.sampled_from([b"[", b'{"message":', b'"', b"9"])
_nested = st.builds(lambda opening, depth: opening * depth + b"\n", _opened, st.integers(1, 200_000))
_bytes = st.one_of(st.binary(max_size=200), _nested, st.just(b"\0" * (1 << 21)))


def _lines(message: Any) -> st.SearchStrategy[bytes]:
    return st.one_of(
        st.just(line(message)),
        damaged(message).map(line),
        garbled(json.dumps(message, indent=1)).map(
            lambda text: text.encode("utf-8", "surrogatepass") + b"\n"
        ),
        _bytes,
    )


_payloads = st.one_of(st.just(X.tobytes() + b"\n"), st.binary(max_size=40), _bytes)
_replies = st.one_of(
    st.tuples(st.one_of(_lines(OK), _shaped.map(line)), _payloads).map(b"".join), _lines(REFUSED)
)
#: What is written when the program is greeted, and when it is called.
written = st.tuples(st.one_of(st.just(line(HELLO)), _lines(HELLO)), _replies)


class Piped(process.ProgramProcess):
    """A process that is none: a thread writes one portion for each message that it reads."""

    def __init__(self, portions: Sequence[bytes]) -> None:
        theirs_in, self._in = os.pipe()
        self._out, theirs_out = os.pipe()
        self._err, silent = os.pipe()
        os.close(silent)
        for descriptor in (self._in, self._out, self._err):
            os.set_blocking(descriptor, False)
        self._ahead, self._said, self._hears = bytearray(), bytearray(), True
        self._open = [self._in, self._out, self._err]
        self._thread = threading.Thread(target=_play, args=(theirs_in, theirs_out, portions), daemon=True)
        self._thread.start()

    @property
    def said(self) -> bytes:
        return b""  # at once

    def end(self, patience: float = 0.0) -> int | None:
        while self._open:
            os.close(self._open.pop())
        self._thread.join()
        return 0

    def status(self, patience: float) -> int | None:
        return 0


def _play(reading: int, writing: int, portions: Sequence[bytes]) -> None:
    with open(reading, "rb") as asked, open(writing, "wb", 0) as out, contextlib.suppress(OSError):
        for portion in portions:
            told = json.loads(asked.readline() or "{}")
            if "arrays" in told:
                asked.read(X.nbytes * len(told["arrays"]) + 1)
            left = memoryview(portion)
            while left:
                left = left[out.write(left) :]
            if not portion.endswith(b"\n"):
                return  # it would be waited for


def read_program(drawn: tuple[bytes, bytes]) -> None:
    """Ask the program: a result of a right form, a reason why there is none, or one message."""
    with mock.patch.object(program, "ProgramProcess", side_effect=lambda words: Piped(drawn)):
        try:
            adapter = ChildAdapter("true")
        except BackendLostError as error:
            check(str(error))
            return
        adapter.describe()
        adapter.functions()
        adapter.defaults("leaky_relu")
        try:
            formed(X, adapter.forward("relu", X, {}))
        except (BackendLostError, UnansweredError, program.RefusedError) as error:
            check(str(error))
        adapter.program.__del__()


def check(told: str) -> None:
    """A message is of one line, and not too long."""
    assert told.strip() or told == "", told
    assert len(told) < _LONGEST, len(told)
    assert told.isprintable(), told
