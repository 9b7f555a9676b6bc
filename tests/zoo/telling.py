"""What ``actcheck zoo`` prints: a line a faulty backend, and what was missed."""

from __future__ import annotations

import argparse
import time
from collections import Counter

from actcheck.conformance.model import Level
from actcheck.conformance.usage import UsageError
from tests.zoo.collection import ZOO, find
from tests.zoo.model import KINDS, FaultyBackend
from tests.zoo.running import Told, results

#: Names of faults in a line.
_SHOWN = 3


def main(given: argparse.Namespace) -> int:
    """Ask, and print. Returns 1 where one is missed that the level must catch. Raises UsageError."""
    asked = _chosen(given.kind, given.name)
    start, seen = time.monotonic(), []
    for name, result in results(asked, given.level, "every" if given.every else "first", given.workers):
        seen.append((find(name), result))
        print(_line(find(name), result, given.level), flush=True)
    missed = [fault for fault, (told, *_) in seen if not told]
    caught, taken = len(seen) - len(missed), time.monotonic() - start
    print(f"\ncaught {caught} of {len(seen)} at {given.level}, in {taken:.0f} s")
    for kind, count in Counter(fault.kind for fault in missed).items():
        print(f"  missed: {count} of kind {kind}")
    return int(any(_due(fault, given.level) for fault in missed))


def _chosen(kind: str | None, name: str | None) -> list[FaultyBackend]:
    if kind not in (None, *KINDS):
        raise UsageError(f"--kind {kind}: the kinds are {', '.join(KINDS)}")
    chosen = [f for f in ZOO if kind in (None, f.kind) and (name is None or name in f.name)]
    if not chosen:
        raise UsageError(f"no faulty backend is of this name: {name}")
    return chosen


def _due(fault: FaultyBackend, level: Level) -> bool:
    return fault.seen_by in ("quick", level)


def _line(fault: FaultyBackend, told: Told, level: Level) -> str:
    found, asked, seconds = told
    about = f"{fault.kind:18} {fault.name}"
    if not found:
        why = fault.because or "no reason is known"
        mark = "MISSED" if _due(fault, level) else f"at {fault.seen_by}"
        return f"{mark:8} {seconds:5.2f} s  {about}: {why} ({asked} questions)"
    first, whats = next(iter(found.items()))
    checks = ", ".join(dict.fromkeys(name.partition("-")[0] for name in found))
    more = f" and {len(whats) - _SHOWN} more" if len(whats) > _SHOWN else ""
    return f"caught   {seconds:5.2f} s  {about}: {checks}: {first} {', '.join(whats[:_SHOWN])}{more}"
