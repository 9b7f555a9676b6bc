"""What judging costs, side by side in one run on one core: ``python benchmarks/judging.py``.

With ``--readme`` the table takes the place of the last one in README.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gmpy2
import mpmath
import numpy as np
import scipy.special
import torch
from flint import arb, ctx
from numpy.typing import NDArray

from actcheck.adapters import registry
from actcheck.conformance.sampling.places import stratified
from actcheck.conformance.sweep.job import BLOCK
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging import wide
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from actcheck.reference.sweeping.claims import Ordering, claims
from actcheck.reference.sweeping.host import Sweep, block

Array = NDArray[Any]
NAMES = ("tanh", "gelu", "mish", "gelu gradient")
EVERY = 2**32
README = Path(__file__).parent.parent / "README.md"
MARKS = ("<!-- benchmark -->", "<!-- end of benchmark -->")


def blocks(part: int) -> Iterator[tuple[int, bool]]:
    """Blocks of both signs from all of float32: one in so many, in runs as a sweep walks them."""
    task = 1 << 22
    for start in range(task * (part // 2), 0x7F800000, task * part):
        for first in range(start, start + task, BLOCK):
            for positive in (False, True):
                if first + BLOCK <= 0x7F800000:
                    yield first, positive


class Stopwatch:
    """Nanoseconds a point."""

    def __init__(self) -> None:
        self.seconds, self.points = 0.0, 0

    def time(self, points: int, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = work()
        self.seconds += time.perf_counter() - began
        self.points += points
        return result

    @property
    def cost(self) -> float:
        return self.seconds / self.points * 1e9


def judged(name: str, part: int) -> tuple[float, float, float]:
    """Cost of the judge, of torch and of numpy's exp, block by block in turns."""
    activation, _, quantity = name.partition(" ")
    spec = loading.find(activation)
    adapter, bound = registry.find("torch-cpu"), bind(spec, spec.default)
    sweep = Sweep(bound, quantity or "forward", Ordering(() if quantity else tuple(claims(bound))))
    judge, backend, exponential = Stopwatch(), Stopwatch(), Stopwatch()
    ones, arguments = np.ones(BLOCK, np.float32), np.linspace(-20, 20, BLOCK)
    parameters = spec.default.parameters

    def ask(x: Array) -> Array:
        if quantity:
            return np.asarray(adapter.gradient(activation, x, ones, parameters))
        return np.asarray(adapter.forward(activation, x, parameters))

    other = None
    for turn, (first, positive) in enumerate(blocks(part)):
        x = block(first, BLOCK, positive)
        count = BLOCK if turn > 3 else 0  # the first calls compile and load
        y = backend.time(count, partial(ask, x)) if count else ask(x)
        if not count:
            sweep.judge(first, x, y)
            continue
        pair = other if positive else None
        judge.time(count, partial(sweep.judge, first, x, y, pair))
        other = y
        exponential.time(count, lambda: np.exp(arguments))
    return judge.cost, backend.cost, exponential.cost


def others() -> Iterator[tuple[str, float]]:
    """Cost of one value of gelu by other means."""
    x = np.linspace(-20, 20, 1 << 20)
    watch = Stopwatch()
    watch.time(len(x), lambda: scipy.special.erfc(x))
    yield "scipy float64 erfc", watch.cost
    few = np.linspace(-6, 6, 20_000).tolist()
    ctx.prec = 64
    root = arb(2).sqrt()
    yield "python-flint, erfc of 64 bits", _each(few, lambda v: arb(v) * (-arb(v) / root).erfc() / 2)
    gmpy2.get_context().precision = 64
    half = gmpy2.sqrt(gmpy2.mpfr(2))
    yield "gmpy2 (MPFR), erfc of 64 bits", _each(few, lambda v: v * gmpy2.erfc(-gmpy2.mpfr(v) / half) / 2)
    mpmath.mp.prec = 64
    two = mpmath.sqrt(2)
    yield "mpmath, erfc of 64 bits", _each(few[::10], lambda v: v * mpmath.erfc(-mpmath.mpf(v) / two) / 2)


def _each(values: list[float], function: Callable[[float], Any]) -> float:
    watch = Stopwatch()
    watch.time(len(values), lambda: [function(v) for v in values])
    return watch.cost


def certified(name: str, part: int) -> tuple[float, float]:
    """Cost of a certified float64 point, sampled in every binade, and of numpy's exp, in turns."""
    spec = loading.find(name)
    bound, form = bind(spec, spec.default), FORMATS["float64"]
    judge, exponential = Stopwatch(), Stopwatch()
    for turn in range(64 // part + 1):
        x = stratified(form, (), turn, 1 << 18)
        x = x[np.isfinite(x) & (x != 0)]
        y, _, _ = wide.enclosures(bound, "forward", x)
        ask = partial(wide.judged, bound, "forward", form, x, y)
        if turn:
            judge.time(len(x), ask)
            exponential.time(len(x), partial(np.exp, np.linspace(-20, 20, len(x))))
        else:
            ask()  # compiles, builds and loads
    return judge.cost, exponential.cost


def table(part: int) -> str:
    """The table, as Markdown."""
    lines = [
        "| on one core | ns a point | of numpy's `exp` | 2^32 points |",
        "|---|---:|---:|---:|",
    ]
    measured = [(name, *judged(name, part)) for name in NAMES]
    costs = [cost for *_, cost in measured]
    exponential = sorted(costs)[len(costs) // 2]
    for name, judge, backend, beside in measured:
        lines.append(_row(f"judging {name}", judge, judge / beside))
        lines.append(_row(f"torch's {name}", backend, backend / beside))
        whole = (judge + backend) / backend
        lines.append(f"| both, relative to torch's {name} alone | | | {whole:.2f} times |")
    for name in NAMES[:3]:
        cost, beside = certified(name, part)
        told = f"judging float64 {name}, {1e3 / cost:,.0f} million points a second"
        lines.append(f"| {told} | {cost:,.2f} | {cost / beside:,.2f} | |")
    lines.append(_row("numpy float64 exp", exponential, 1.0))
    lines += [_row(name, cost, cost / exponential) for name, cost in others()]
    facts = f"Python {platform.python_version()}, numpy {np.__version__}, torch {torch.__version__}"
    told = f"`python benchmarks/judging.py --part {part}`: {facts}, {platform.machine()}."
    return "\n".join([*lines, "", told])


def _row(name: str, cost: float, ratio: float) -> str:
    seconds = cost * 1e-9 * EVERY
    units = ((86400, "days"), (3600, "hours"), (60, "minutes"), (0, "s"))
    size, unit = next(u for u in units if seconds >= 2 * u[0])
    return f"| {name} | {cost:,.2f} | {ratio:,.2f} | {seconds / (size or 1):,.1f} {unit} |"


def main() -> None:
    """Measure, print, and write the table into the README where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", type=int, default=4, help="measure one in so many tasks (default: 4)")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    made = table(arguments.part)
    print(made)
    if arguments.readme:
        text = README.read_text("utf-8")
        head, rest = text.split(MARKS[0])
        tail = rest.split(MARKS[1])[1]
        README.write_text(f"{head}{MARKS[0]}\n{made}\n{MARKS[1]}{tail}", "utf-8")


if __name__ == "__main__":
    main()
