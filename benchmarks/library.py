"""The library's answers: how fast they come, and whether mpmath says the same.

``python benchmarks/library.py`` prints the table of speeds, on one core. ``--agreement N`` compares N values
of `actcheck.exact` with mpmath rounded, and as many errors of results with Arb on single points, over
all element-wise specifications, their variants, formats and quantities, and prints every difference.
"""

from __future__ import annotations

import argparse
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
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.pointwise import judge_point
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import ORDERS, bind, kinks_at
from tests.support.rounded_by_mpmath import rounded

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


def compared(count: int, seed: int) -> tuple[int, int]:
    """Compare about so many values and errors; returns how many were, and how many differ."""
    specs = [spec for spec in loading.load_all().values() if spec.elementwise]
    asked = [(s, v, q, f) for s in specs for v in s.variants for q in ORDERS for f in FORMATS.values()]
    each, total, wrong = -(-count // (2 * len(asked))), 0, 0
    began, last = time.perf_counter(), ""
    for spec, variant, quantity, form in asked:
        if spec.id != last:
            print(f"{time.perf_counter() - began:8.0f} s {total:10,} points, next {spec.id}", flush=True)
            last = spec.id
        given = {p.name: variant.parameters[p.name] for p in spec.parameters}
        bound, random = bind(spec, variant), np.random.default_rng([seed, total])
        patterns = form.values(random.integers(-form.infinity_key, form.infinity_key - 1, each))
        x = np.concatenate([patterns, random.normal(0, 4, each).astype(form.dtype)])
        x = x[~np.isin(x.astype(np.float64), kinks_at(spec, variant))]
        got = actcheck.exact(spec, x, quantity, **given)
        near = form.values(form.keys(got) + random.integers(-3, 4, len(x)))
        errors = actcheck.ulp_error(near, spec, x, quantity, **given)
        for at in range(len(x)):
            numbers = float(x[at]), float(got[at]), float(near[at])
            value = rounded(bound, quantity, form, numbers[0])
            point = judge_point(bound, quantity, form, numbers[0], numbers[2])
            told = float(errors.error[at]), bool(errors.correctly_rounded[at])
            bad = value != numbers[1] or not _agree(told, point.error, point.correctly_rounded)
            wrong += bad
            if bad:
                print(
                    spec.id, variant.label, quantity, form.name, numbers[0].hex(), numbers, value, told, point
                )
        total += len(x)
    return total, wrong


def _agree(told: tuple[float, bool], error: tuple[float, float], correct: bool) -> bool:
    low, high = error
    close = told[0] == high if np.isinf(high) else low <= told[0] <= high * (1 + 2.0**-40) + 2.0**-20
    return close and told[1] == correct


def main() -> int:
    """Measure, or compare. Returns 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agreement", type=int, metavar="N", help="compare so many points instead")
    parser.add_argument("--seed", type=int, default=0, metavar="NUMBER")
    arguments = parser.parse_args()
    if arguments.agreement:
        total, wrong = compared(arguments.agreement, arguments.seed)
        print(f"{total:,} points compared, {wrong:,} differ")
        return int(wrong > 0)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(table())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
