"""Which faulty backends are caught: ``python -m tests.zoo --level quick [--kind K] [-n 2] [--every]``.

The exit status is 1 where one is missed that the level must catch.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from actcheck.conformance.model import Level
from tests.zoo.collection import ZOO, find
from tests.zoo.model import KINDS, FaultyBackend
from tests.zoo.running import Told, results


def main() -> int:
    """Ask, and print a line a backend."""
    given = _arguments()
    asked = [f for f in ZOO if given.kind in (None, f.kind) and (given.name is None or given.name in f.name)]
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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.zoo", description=__doc__)
    parser.add_argument("--level", choices=("quick", "full"), default="quick")
    parser.add_argument("--kind", choices=tuple(KINDS))
    parser.add_argument("--name", help="only those whose name holds this")
    parser.add_argument("--every", action="store_true", help="ask every question, whatever was told before")
    parser.add_argument("-n", dest="workers", type=int, default=1)
    return parser.parse_args()


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
    return f"caught   {seconds:5.2f} s  {about}: {checks}: {first} {', '.join(whats)}"


if __name__ == "__main__":
    sys.exit(main())
