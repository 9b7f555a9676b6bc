"""What the first judge says, held against the second: every disagreement in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from actcheck.reference.formats import Format
from actcheck.reference.judging.verdict import EDGES, Interval, Verdict, Worst
from tests.support.independent.judging import Judgement

#: An enclosure of the first judge may be this much wider than the truth: a certificate's radius in units,
#: and float32's rounding of a loop's errors.
WIDE = 2.0**-20
FLOAT32_MAX = float(np.finfo(np.float32).max)


def disagreements(verdict: Verdict, truth: Judgement, form: Format, near: float = WIDE) -> Iterator[str]:
    """What a verdict says that is not so. ``near``: so far from an edge the histogram may err."""
    points = len(truth.keys)
    counted = {
        "points": (verdict.points, points),
        "NaN inputs": (verdict.nan_inputs, truth.nan_inputs),
        "infinite inputs": (verdict.infinite_inputs, truth.infinite_inputs),
        "not correctly rounded": (verdict.not_correctly_rounded, int((~truth.correct).sum())),
        "not faithful": (verdict.not_faithful, int((~truth.faithful).sum())),
    }
    for name, (said, true) in counted.items():
        if said != true:
            yield f"{name}: {said}, not {true}"
    found = truth.found()
    for name in sorted({*found, *verdict.classes}):
        mine, theirs = found.get(name), verdict.classes.get(name)
        if mine is None or theirs is None:
            yield f"{name}: {theirs}, not {mine}"
        elif (theirs.count, theirs.first, theirs.ranges) != (mine.count, mine.first, mine.ranges):
            yield f"{name}: {theirs}, not {mine}"[:400]
    yield from _largest("largest error", verdict.worst, truth.max_error, truth.low, truth, form)
    yield from _largest(
        "largest scaled error", verdict.worst_scaled, truth.max_scaled, truth.scaled_low, truth, form
    )
    yield from _histogram(verdict.histogram, truth, near)


def _largest(
    name: str, worst: Worst | None, true: Interval, errors: np.ndarray, truth: Judgement, form: Format
) -> Iterator[str]:
    said = worst.error if worst else (0.0, 0.0)
    slack = WIDE * true[1] + WIDE
    if not (said[0] <= true[1] and true[0] <= said[1]):
        yield f"{name}: {said}, not {true}"
    elif said[1] > true[1] + slack or said[0] < true[0] - slack:
        yield f"{name}: {said} is wider than {true}"
    elif worst:
        at = truth.keys == form.key(worst.x)
        if not (at & (errors >= said[0] * (1 - WIDE) - WIDE)).any():
            yield f"{name}: {said} at {worst.x.hex()}, where it is {errors[at]}"


def _histogram(said: Sequence[int], truth: Judgement, near: float) -> Iterator[str]:
    if sum(said) != int(truth.measured.sum()):
        yield f"histogram of {sum(said)}, not {int(truth.measured.sum())}"
        return
    mine = truth.histogram
    if tuple(said) == mine:
        return
    low, high = truth.low[truth.measured], truth.high[truth.measured]
    most = np.cumsum(said)
    for k, edge in enumerate(EDGES):
        surely, perhaps = int((high <= edge - near).sum()), int((low <= edge * (1 + near)).sum())
        if not surely <= most[k] <= perhaps:
            yield f"histogram: {tuple(said)}, not {mine}"
            return


def segment_disagreements(
    said: Mapping[int, float], ranges: Sequence[tuple[int, int]], truth: Judgement, apart: Sequence[int]
) -> Iterator[str]:
    """Largest errors of segments, by index, against the truth; ``apart``: keys that need not be counted."""
    first, last = int(truth.keys.min()), int(truth.keys.max())
    for index, (low, high) in enumerate(ranges):
        if high < first or low > last:
            continue
        inside = truth.measured & (truth.keys >= low) & (truth.keys <= high)
        counted = inside & ~np.isin(truth.keys, apart)
        least = float(truth.low[counted].max()) if counted.any() else 0.0
        most = float(truth.high[inside].max()) if inside.any() else 0.0
        value = said.get(index, 0.0)
        most = most * (1 + WIDE) + WIDE
        # They are kept as float32.
        most = math.inf if most > FLOAT32_MAX else most
        if not min(least * (1 - WIDE) - WIDE, FLOAT32_MAX) <= value <= most:
            yield f"segment {index} ({low} to {high}): {value}, not {least} to {most}"
