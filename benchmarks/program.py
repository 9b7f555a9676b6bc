"""What it costs to ask a program over pipes: ``python benchmarks/program.py``.

The C example's relu, which costs little itself, called for float32 numbers as many as a sweep asks at a time.
"""

from __future__ import annotations

import subprocess
import sys
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
        adapter = ChildAdapter(str(program))
        for count in (COUNT, 10):
            x = np.linspace(-3, 3, count, dtype=np.float32)
            adapter.forward("relu", x, {})
            began, busy = time.perf_counter(), time.process_time()
            for _ in range(CALLS):
                adapter.forward("relu", x, {})
            wall, busy = time.perf_counter() - began, time.process_time() - busy
            print(
                f"{count:,} numbers a call: {wall / CALLS * 1e6:,.0f} us a call, "
                f"{wall / CALLS / count * 1e9:,.2f} ns a number, of which {busy / wall:.0%} in this process"
            )
        adapter.program.end()


if __name__ == "__main__":
    sys.exit(main())
