"""Where on the line of a format each case of a definition holds, and which floats are kinks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from actcheck.reference.evaluation import intervals, mp
from actcheck.reference.expressions.tree import Binary, Comparison
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.binding import Bound

FORMAT = FORMATS["float32"]
#: Keys of the largest finite float and of its negative: what a certificate covers.
FIRST, LAST = -FORMAT.infinity_key, FORMAT.infinity_key - 1
#: Questions asked of ranges: a breakpoint takes 62.
_MOST = 4_000


@dataclass(frozen=True)
class Region:
    """Consecutive keys, both ends included, on one side of zero, in one case."""

    low: int
    high: int
    case: int


def regions(bound: Bound, form: Format = FORMAT) -> tuple[Region, ...]:
    """The regions from the smallest to the largest finite float, found by bisection of the keys.

    A case is accepted on a range when Arb proves its condition on the whole range; single floats are
    decided exactly. Works for any condition. Raises ValueError where no case holds, or where so many floats
    lie so near to a breakpoint that telling them apart would take too long.
    """
    joined: list[Region] = []
    for part in _bisected(bound, form):
        last = joined[-1] if joined else None
        if last and last.case == part.case and part.low != 0:
            joined[-1] = Region(last.low, part.high, part.case)
        else:
            joined.append(part)
    return tuple(joined)


def _bisected(bound: Bound, form: Format) -> Iterator[Region]:
    waiting = [(0, form.infinity_key - 1), (-form.infinity_key, -1)]
    for _ in range(_MOST):
        low, high = waiting.pop()
        case = _case(bound, form, low, high)
        if case is not None:
            yield Region(low, high, case)
        else:
            middle = (low + high) // 2
            waiting += [(middle + 1, high), (low, middle)]
        if not waiting:
            return
    raise ValueError(f"too many floats lie next to a breakpoint, such as x = {form.value(waiting[-1][0])!r}")


def _case(bound: Bound, form: Format, low: int, high: int) -> int | None:
    if low == high:
        return _selected(bound, form.value(low))
    ends = form.value(low), form.value(high)
    for index, piece in enumerate(bound.pieces):
        answers = [intervals.decide(c, *ends) for c in piece.when]
        if all(answers):
            return index
        if False not in answers:
            return None
    return None


def _selected(bound: Bound, x: float) -> int:
    try:
        return bound.select(Fraction(x))
    except (ValueError, ArithmeticError) as error:
        raise ValueError(f"{error} at x = {x!r}") from error


def kinks(bound: Bound, found: tuple[Region, ...], form: Format = FORMAT) -> dict[int, tuple[int, ...]]:
    """Keys of the floats that lie exactly where two cases meet, with the cases on both sides."""
    meeting: dict[int, set[int]] = {}
    for left, right in pairwise(found):
        if left.case == right.case:
            continue
        for key in (left.high, right.low):
            if _on_boundary(bound, Fraction(form.value(key))):
                for twin in (-1, 0) if key in (-1, 0) else (key,):
                    meeting.setdefault(twin, set()).update((left.case, right.case))
    return {key: tuple(sorted(cases)) for key, cases in sorted(meeting.items())}


def _on_boundary(bound: Bound, x: Fraction) -> bool:
    return any(_equal(comparison, x) for piece in bound.pieces for comparison in piece.when)


def _equal(comparison: Comparison, x: Fraction) -> bool:
    difference = mp.evaluate(Binary("-", comparison.left, comparison.right), {"x": x})
    return bool(difference == 0)
