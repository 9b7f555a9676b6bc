"""Whether others say the same: ``python -m benchmarks.agreement [--points N] [--quantity QUANTITY]...``.

`actcheck.exact` is compared with mpmath, rounded, and `actcheck.ulp_error` (the plain error, the scaled one
and every class) with a judge of its own, made of Arb and integers (tests/support/independent), at as many
points each: every element-wise activation, variant, format and quantity in equal parts, in every binade, at
ordinary numbers and where something happens. Prints every difference, up to a hundred, and one line with
the counts; exits with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from itertools import chain

import numpy as np

import actcheck
from actcheck.reference.specification.binding import ORDERS
from tests.support.agreement import differing_errors, differing_values, inputs, questions, results

_SHOWN = 100


def compared(count: int, quantities: list[str], seed: int) -> tuple[int, list[int], int]:
    """Compare about so many points; returns how many were, how many values and errors differ, and how many
    values are too close to a tie for mpmath's bits."""
    asked, total, wrong = questions(quantities), 0, [0, 0]
    near_ties: list[float] = []
    each, began, last = -(-count // len(asked)), time.perf_counter(), ""
    for number, one in enumerate(asked):
        if one.spec.id != last:
            last = one.spec.id
            print(f"{time.perf_counter() - began:8,.0f} s {total:10,} points, next {last}", file=sys.stderr)
        x = inputs(one, each, seed + number)
        right = actcheck.exact(one.spec, x, one.quantity, **one.given)
        y = results(one, right, seed + number)
        found = [list(differing_values(one, x, right, near_ties)), list(differing_errors(one, x, y))]
        for told in chain(*found):
            if sum(wrong) < _SHOWN:
                print(told, flush=True)
        wrong = [n + len(texts) for n, texts in zip(wrong, found, strict=True)]
        total += len(x)
    return total, wrong, len(near_ties)


def main() -> int:
    """Compare. Returns 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agreement", description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000, metavar="N", help="(default: 1,000,000)")
    parser.add_argument(
        "--quantity", action="append", choices=list(ORDERS), help="(default: forward and gradient)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="NUMBER")
    arguments = parser.parse_args()
    quantities = arguments.quantity or ["forward", "gradient"]
    began = time.perf_counter()
    total, (values, errors), near_ties = compared(arguments.points, quantities, arguments.seed)
    asked = questions(quantities)
    variants = len({(one.spec.id, one.variant.label) for one in asked})
    print(
        f"{total:,} values, {values:,} other than mpmath's ({near_ties:,} too close to a tie for its "
        f"bits, where either neighbour counts as its own); {total:,} errors, {errors:,} other than Arb's: "
        f"{len({one.spec.id for one in asked})} activations in {variants} variants, 4 formats, "
        f"{' and '.join(quantities)}, seed {arguments.seed}, {time.perf_counter() - began:,.0f} s, "
        f"numpy {np.__version__}, {platform.machine()}"
    )
    return int(values + errors > 0)


if __name__ == "__main__":
    raise SystemExit(main())
