"""Correct backends put to the questions: ``python -m tests.false_alarms --seeds 1-5 [--backend Noisy]``.

None may be accused. Every check that fails is told, and the exit status is 1 then.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support import correct
from tests.support.correct import CORRECT

#: The classes, by their names.
NAMES = tuple(found.__name__ for found in CORRECT)
_COMMAND = [sys.executable, "-c", "import sys; from actcheck.conformance.cli import main; sys.exit(main())"]
#: Seconds for a question: right answers take longer than usual ones.
_PATIENCE = "1800"


def accused(backend: str, seed: int, more: Sequence[str] = ()) -> tuple[int, list[str]]:
    """How many questions were put to one of `NAMES`, or a backend of actcheck, and which failed, in words.

    ``more`` are words of the command line. Raises RuntimeError where there are no results.
    """
    name = f"{Path(correct.__file__)}:{backend}" if backend in NAMES else backend
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "results.json")
        words = ["run", "--backend", name, "--seed", str(seed), "--timeout", _PATIENCE, "--out", str(out)]
        done = subprocess.run([*_COMMAND, *words, *more], capture_output=True, text=True, check=False)
        if not out.exists():
            raise RuntimeError(f"{backend}, seed {seed}: no results: {done.stderr[-2000:]}")
        checks = json.loads(out.read_text("utf-8"))["checks"]
    failed = [c for c in checks if c["outcome"] in ("fail", "error")]
    return len(checks), [f"{c['id']}: {c['outcome']}: {c.get('message', '')}" for c in failed]


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _told(backends: Sequence[str], seeds: range, more: Sequence[str]) -> Iterator[str]:
    for seed in seeds:
        for backend in backends:
            count, failed = accused(backend, seed, more)
            print(f"{backend}, seed {seed}: {count:,} questions, {len(failed)} accusations", flush=True)
            for line in failed:
                print(f"  {line}", flush=True)
            yield from failed


def main() -> int:
    """Run them all. Returns 1 where one is accused."""
    parser = argparse.ArgumentParser(prog="python -m tests.false_alarms", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, default=range(1), metavar="FIRST-LAST")
    told = f"{', '.join(NAMES)}, or a backend of actcheck; may be repeated"
    parser.add_argument("--backend", action="append", metavar="NAME", help=told)
    asked, more = parser.parse_known_args()
    failed = [*_told(asked.backend or NAMES, asked.seeds, more)]
    print(f"{len(failed)} accusations")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
