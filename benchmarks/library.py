"""How fast the library's answers come: ``python benchmarks/library.py`` prints the table, on one core.

Whether they are right: `benchmarks/agreement.py`.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import mpmath
import numpy as np
import scipy.special
from numpy.typing import NDArray

import actcheck

Array = NDArray[Any]
_POINTS = 1 << 22


def best(points: int, work: Callable[[], Any]) -> float:
    """Millions of points a second of processor time, the best of five; the first call compiles and loads."""
    work()
    seconds = []
    for _ in range(5):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return points / min(seconds) / 1e6


def speeds() -> Iterator[tuple[str, float]]:
    """What is measured, and how many million points a second it does."""
    random = np.random.default_rng(0)
    x = random.normal(0, 3, _POINTS).astype(np.float32)
    for name in ("gelu", "mish", "tanhshrink"):
        for quantity in ("forward", "gradient"):
            yield (
                f"`exact` {name} {quantity}, float32",
                best(len(x), partial(actcheck.exact, name, x, quantity)),
            )
            y = actcheck.exact(name, x, quantity)
            told = f"`ulp_error` {name} {quantity}, float32"
            yield told, best(len(x), partial(actcheck.ulp_error, y, name, x, quantity))
    narrow, wide = x.astype(np.float16), x[: 1 << 19].astype(np.float64)
    yield "`exact` gelu forward, float16", best(len(narrow), lambda: actcheck.exact("gelu", narrow))
    yield "`exact` gelu forward, float64", best(len(wide), lambda: actcheck.exact("gelu", wide))
    z = x.astype(np.float64)
    yield "scipy, z*ndtr(z) in float64", best(len(z), lambda: z * scipy.special.ndtr(z))
    few = [mpmath.mpf(v) for v in x[:2_000].tolist()]
    with mpmath.workprec(64):
        yield "mpmath, z*ncdf(z) at 64 bits", best(len(few), lambda: [v * mpmath.ncdf(v) for v in few])


def table() -> str:
    """The table, as Markdown."""
    lines = ["| on one core | million points a second |", "|---|---:|"]
    lines += [f"| {name} | {rate:,.3g} |" for name, rate in speeds()]
    facts = f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}"
    return "\n".join([*lines, "", f"`python benchmarks/library.py`: {facts}."])


def main() -> None:
    """Measure."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(table())


if __name__ == "__main__":
    main()
