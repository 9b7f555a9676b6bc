"""A long run: ``python -m tests.fuzz --seconds 180 [--target specifications] [--guided]``.

Every finding is told once, by where it was raised, and does not end the run. The exit status is 1 where there
is any. An example that takes longer than `PATIENCE`, or more memory than `MEMORY`, is a finding too.

With ``--guided`` atheris (pip install atheris) chooses the examples by the code that they reach.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib.util
import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection
from types import FunctionType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.targets import TARGETS, Target

#: Seconds that one example may take on a busy machine.
PATIENCE = 30
#: Bytes that the process may take.
MEMORY = 6 << 30
#: Examples that are drawn at a time.
_PORTION = 500


#: An example and its trace, by where it was raised.
Findings = dict[str, tuple[Any, str]]


class SlowError(Exception):
    """An example that is not done in time."""


def main() -> int:
    """Fuzz, and print a line a target and the findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--target", choices=tuple(TARGETS), action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", action="store_true", help="by the code that is reached: needs atheris")
    asked = parser.parse_args()
    signal.signal(signal.SIGALRM, _slow)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found = False
    for name in asked.target or TARGETS:
        fuzz = _guided if asked.guided else _fuzzed
        count, findings = fuzz(_Reading(TARGETS[name], asked.seconds), asked.seed)
        print(f"{name}: {count:,} examples in {asked.seconds:.0f} s, {len(findings)} findings", flush=True)
        for where, (drawn, told) in findings.items():
            print(f"\n{where}\n{told}\ngiven: {drawn!r:.2000}\n", flush=True)
        found |= bool(findings)
    return int(found)


class _Reading:
    """What a target made of its examples so far."""

    def __init__(self, target: Target, seconds: float) -> None:
        self.target, self.end = target, time.monotonic() + seconds
        self.count = 0
        #: By where it was raised, the first example of each.
        self.findings: Findings = {}

    @property
    def is_done(self) -> bool:
        return time.monotonic() >= self.end

    def __call__(self, drawn: Any) -> None:
        if self.is_done:
            return
        self.count += 1
        try:
            with _patience():
                self.target.read(drawn)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            told = "".join(traceback.format_exception(error)[-12:])
            where = f"{type(error).__name__} at {last.filename}:{last.lineno}"
            self.findings.setdefault(where, (drawn, told))


def _fuzzed(reading: _Reading, first: int) -> tuple[int, Findings]:
    """How many examples were read, and what was found."""
    while not reading.is_done:
        first += 1
        portion = settings(
            max_examples=_PORTION, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        seed(first)(portion(given(reading.target.given)(reading.__call__)))()
    return reading.count, reading.findings


def _guided(reading: _Reading, first: int) -> tuple[int, Findings]:
    """The same, by the code that examples reach; in a process of its own, which atheris ends."""
    if importlib.util.find_spec("atheris") is None:
        sys.exit("--guided needs atheris: pip install atheris")
    here, there = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_guide, args=(reading, first, there))
    child.start()
    there.close()
    try:
        told: tuple[int, Findings] = here.recv()
    except EOFError:
        child.join()
        told = 0, {"the process died": (None, f"its exit status is {child.exitcode}")}
    child.join()
    return told


def _guide(reading: _Reading, first: int, told: Connection) -> None:
    import atheris  # noqa: PLC0415

    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(reading.target.given)
    def read(drawn: Any) -> None:
        reading(drawn)

    one: Any = read.hypothesis.fuzz_one_input  # type: ignore[attr-defined]

    def each(data: bytes) -> None:
        if reading.is_done:
            found = {where: (repr(drawn), text) for where, (drawn, text) in reading.findings.items()}
            told.send((reading.count, found))
            os._exit(0)
        one(data)

    began = time.monotonic()
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and str(function.__module__).startswith("actcheck."):
            atheris.instrument_func(function)
    reading.end += time.monotonic() - began
    atheris.Setup([sys.argv[0], f"-seed={first + 1}", "-max_len=8192", "-verbosity=0"], each)
    atheris.Fuzz()


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)


def _slow(_number: int, _frame: Any) -> None:
    raise SlowError


if __name__ == "__main__":
    sys.exit(main())
