"""Hold the first judge to the second over runs drawn by chance.

From the repository's root: ``python -m tests.support.independent --seed 1 --runs 100``. It prints every
disagreement, and exits with 1 if there was one.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice

from actcheck.reference.formats import FORMATS
from tests.support.independent.holding import held, held_in_16_bits
from tests.support.independent.runs import SIZE, by_chance


def main() -> int:
    """Judge as many runs as asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.independent", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--size", type=int, default=4 * SIZE, help="inputs in a run, a power of two")
    parser.add_argument("--format", choices=["float32", "float16", "bfloat16"], default="float32")
    given, count = parser.parse_args(), 0
    for number, asked in enumerate(islice(by_chance(given.seed, given.size), given.runs)):
        print(f"{number}: {asked}: {', '.join(asked.plants)}", flush=True)
        if given.format == "float32":
            found = held(asked, given.seed + number)
        else:
            form = FORMATS[given.format]
            found = held_in_16_bits(asked.bound, asked.quantity, form, asked.plants, given.seed + number)
        for text in found:
            count += 1
            print(f"  {text}", flush=True)
    print(f"{count} disagreements in {given.runs} runs", flush=True)
    return 1 if count else 0


sys.exit(main())
