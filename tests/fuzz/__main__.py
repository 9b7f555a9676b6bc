"""A long run: ``python -m tests.fuzz --seconds 180 [--target specifications]``.

Every finding is told once, by where it was raised, and does not end the run. The exit status is 1 where there
is any. An example that takes longer than `PATIENCE`, or more memory than `MEMORY`, is a finding too.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.targets import TARGETS, Target

#: Seconds that one example may take on a busy machine.
PATIENCE = 30
#: Bytes that the process may take.
MEMORY = 6 << 30
#: Examples that are drawn at a time.
_PORTION = 500


class SlowError(Exception):
    """An example that is not done in time."""


def main() -> int:
    """Fuzz, and print a line a target and the findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--target", choices=tuple(TARGETS), action="append")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    signal.signal(signal.SIGALRM, _slow)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found = False
    for name in asked.target or TARGETS:
        count, findings = _fuzzed(TARGETS[name], asked.seconds, asked.seed)
        print(f"{name}: {count:,} examples in {asked.seconds:.0f} s, {len(findings)} findings", flush=True)
        for where, (drawn, told) in findings.items():
            print(f"\n{where}\n{told}\ngiven: {drawn!r:.2000}\n", flush=True)
        found |= bool(findings)
    return int(found)


def _fuzzed(target: Target, seconds: float, first: int) -> tuple[int, dict[str, tuple[Any, str]]]:
    """How many examples were read, and what was found, by where it was raised."""
    end, count, findings = time.monotonic() + seconds, 0, dict[str, tuple[Any, str]]()

    def read(drawn: Any) -> None:
        nonlocal count
        if time.monotonic() > end:
            return
        count += 1
        try:
            with _patience():
                target.read(drawn)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            told = "".join(traceback.format_exception(error)[-12:])
            findings.setdefault(f"{type(error).__name__} at {last.filename}:{last.lineno}", (drawn, told))

    while time.monotonic() < end:
        first += 1
        portion = settings(
            max_examples=_PORTION, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        seed(first)(portion(given(target.given)(read)))()
    return count, findings


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
