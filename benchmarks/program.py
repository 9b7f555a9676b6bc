"""What it costs to ask a program over pipes: ``python benchmarks/program.py``.

The C example's relu, which costs little itself, called for float32 numbers as many as a sweep asks at a time.
"""

from __future__ import annotations

import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from actcheck.adapters.child import HEADER, ChildAdapter

SOURCE = Path(__file__).parents[1] / "examples" / "program_in_c" / "my_kernels.c"
COUNT, CALLS = 1 << 19, 200


def main() -> None:
    """Print a line for large calls and one for small ones."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "my_kernels")
        flags = ["-O2", "-std=c99", "-D_POSIX_C_SOURCE=200809L", f"-I{HEADER.parent}"]
        subprocess.run(["cc", *flags, "-o", str(program), str(SOURCE), "-lm"], check=True)
        for count in (COUNT, 10):
            print(f"{count:,} numbers a call: {measured(str(program), count)}")


def measured(program: str, count: int) -> str:
    """Time of a call and of a number in it: on the clock, and of the processor in both processes."""
    adapter, x = ChildAdapter(program), np.linspace(-3, 3, count, dtype=np.float32)
    adapter.forward("relu", x, {})
    began, here, there = time.perf_counter(), time.process_time(), children()
    for _ in range(CALLS):
        adapter.forward("relu", x, {})
    wall, here = time.perf_counter() - began, time.process_time() - here
    adapter.program.end()
    busy = here + children() - there
    each = busy / CALLS / count
    return f"{1e6 * wall / CALLS:,.0f} us a call; {1e9 * each:,.2f} ns a number of the processors"


def children() -> float:
    """Processor seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
