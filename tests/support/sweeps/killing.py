"""Sweeps that are killed at a moment by chance, and put again: ``python -m tests.support.sweeps.killing``.

The result must be that of an undisturbed one, but for times.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

from actcheck.conformance.backends.process_memory import family
from actcheck.conformance.sampling.drawing import PART
from actcheck.conformance.sweep.job import MAGNITUDES, TASK
from tests.support.folders import SWEPT

Victim = Literal["parent", "worker"]
COMMAND = [sys.executable, "-c", "import sys; from actcheck.conformance.cli import main; sys.exit(main())"]
ALL = ["sweep", "relu", "--backend", f"{SWEPT / 'sweep_backend.py'}:Single"]
SAMPLED = ["sweep", "tanh", "--backend", f"{SWEPT / 'sampled_backend.py'}:Sampled", "--dtype", "float64"]
_TIMES = ("seconds", "backend_seconds", "points_per_second")
#: Seconds between two looks, at most.
_MOMENT = 0.2
#: Of Python's own, which every command with workers has.
_TRACKER = b"resource_tracker"


@dataclass(frozen=True)
class Swept:
    """What came of a command that may have been disturbed."""

    status: int
    #: The check, without its times; None where the command wrote none.
    record: dict[str, Any] | None
    #: Whether somebody was killed, and what the command said.
    killed: bool
    told: str


class Sweeping:
    """One command, with a cache of its own."""

    def __init__(self, words: list[str], cache: Path) -> None:
        self._cache, self._out = cache, cache / "out.json"
        self._words = [*COMMAND, *words, "-n", "2", "--json", str(self._out)]

    @property
    def ledgers(self) -> list[Path]:
        """What it has left on disk."""
        return [*(self._cache / "sweeps").glob("*.jsonl")]

    @property
    def done(self) -> int:
        """How many tasks are written down."""
        return sum(path.read_bytes().count(b"\n") for path in self.ledgers)

    def run(self, victim: Victim | None = None, tasks: int = 0, chance: Random | None = None) -> Swept:
        """Run it; when so many tasks are done, and some moments later, the victim is killed."""
        self._out.unlink(missing_ok=True)
        environment = {**os.environ, "ACTCHECK_CACHE": str(self._cache)}
        process = subprocess.Popen(
            self._words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
        )
        killed = False
        if victim:
            chance = chance or Random(0)
            while process.poll() is None and not killed:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(chance.uniform(0.0, _MOMENT))
                killed = self.done >= tasks and _kill(process, victim, chance)
        _, told = process.communicate()
        return Swept(process.returncode, self._record(), killed, told)

    def _record(self) -> dict[str, Any] | None:
        if not self._out.exists():
            return None
        found = json.loads(self._out.read_text("utf-8"))
        return {name: value for name, value in found.items() if name not in _TIMES}

    def disturbed(self, victim: Victim, tasks: int, chance: Random) -> tuple[Swept, Swept]:
        """What came of it when the victim was killed, and in the end."""
        first = last = self.run(victim, tasks, chance)
        if first.status not in (0, 1):
            last = self.run()
        return first, last


def _kill(process: subprocess.Popen[str], victim: Victim, chance: Random) -> bool:
    """Kill a command or one of its processes; False where there is none any more."""
    if process.poll() is not None:
        return False
    children = [number for number in family(process.pid)[1:] if _TRACKER not in _words(number)]
    target = process.pid if victim == "parent" else chance.choice(children or [0])
    with contextlib.suppress(ProcessLookupError):
        if target:
            os.kill(target, signal.SIGKILL)
            return True
    return False


def _words(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def main() -> int:
    """Disturb a sweep as often as asked. Returns 1 where a result differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.sweeps.killing", description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    told = "parts of a sample of float64, in the place of all inputs of float32"
    parser.add_argument("--parts", type=int, metavar="N", help=told)
    asked = parser.parse_args()
    chance, equal = Random(asked.seed), 0
    with tempfile.TemporaryDirectory() as folder:
        parts = asked.parts
        sweeping = Sweeping([*SAMPLED, "--points", str(parts * PART)] if parts else ALL, Path(folder))
        began = time.perf_counter()
        wanted = sweeping.run().record
        whole = time.perf_counter() - began
        print(f"undisturbed: {whole:.0f} s", flush=True)
        for number in range(asked.times):
            victim: Victim = chance.choice(("parent", "worker"))
            tasks = chance.randrange(parts or MAGNITUDES // TASK)
            first, last = sweeping.disturbed(victim, tasks, chance)
            same = last.record == wanted and not sweeping.ledgers
            equal += same
            resumed = "continuing" in last.told
            told = f"{victim} after {tasks} tasks: killed {first.killed}, status {first.status}"
            print(f"{number + 1}. {told}, taken up {resumed}, {'equal' if same else 'DIFFERENT'}", flush=True)
    print(f"{equal} of {asked.times} equal the undisturbed result")
    return int(equal < asked.times)


if __name__ == "__main__":
    sys.exit(main())
