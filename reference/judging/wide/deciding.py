"""The loop that judges results against pairs with radii: proven errors, and what they decide.

Everything is scaled by the power of two of a segment. With z the exact value, c = main + rest, y the result
and D = y - z, all bounds are outward: each rounded sum is widened by 2^-51 of its terms' sizes, which is
more than the roundings it is made of lose (u = 2^-53 each), unless it was exact, as two-sums tell.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from actcheck.reference.certificates.wide.tables import EXPONENT as SCALING
from actcheck.reference.certificates.wide.tables import SCALE
from actcheck.reference.judging.wide.evaluating import BLOCK, Pairs, fill
from actcheck.reference.machine.compiling import EXPONENT, bits_of, exactly, number_of
from actcheck.reference.machine.two_sum import two_sum

#: What is known of a result; with `UNDECIDED` it needs a closer look.
CORRECT, FAITHFUL, WRONG_NAN, WRONG_INFINITY, LOST, UNDECIDED = 1, 2, 4, 8, 16, 32
#: Parts of a block's memory, `BLOCK` numbers each; the first four are what is found of the errors. In one
#: array, so that the compiler sees that they do not overlap.
LOW, HIGH, SCALED_LOW, SCALED_HIGH, FLAGS, RESULT, LESS, MORE, MAIN, REST, BELOW, ABOVE, STEP = (
    BLOCK * k for k in range(13)
)
_PARTS = 13
_TINY, _WIDER, _BIG = 2.0**-900, 2.0**-51, 2.0**1023


@exactly
def _inverse_unit(bits: int, least: int, most: int, offset: int) -> Any:
    """1/ulp of a magnitude with these bits, exactly; the limits are bits of powers of two."""
    return number_of(offset - (min(max(bits, least), most) & EXPONENT))


@exactly
def _limits(emin: int, emax: int, scale: int) -> tuple[float, float, float, float]:
    """Scaled: the smallest normal number, the largest power of two, and where infinities stand.

    The last is where the unit would become too small for this scale, 0 if nowhere.
    """
    top = _BIG if emax + 1 + scale > 1023 else 2.0 ** (emax + 1 + scale)
    least, most = 2.0 ** max(emin + scale, -900), 2.0 ** min(emax + scale, 900)
    return least, most, top, 0.0 if emin + scale >= -900 else _TINY


@exactly
def _difference(got: float, z: float, rest: float) -> tuple[float, float, float, float]:
    """abs(got - z - rest) as dist - lacking + more, and the sign of the difference."""
    d, lost = two_sum(got, -z)
    side = 1.0 if d > 0 or (d == 0 and rest <= 0) else -1.0
    return abs(d), side * rest, side * lost, side


@exactly
def _sizes(z: float, rest: float, inner: float, outer: float, strict: bool) -> tuple[float, int, int]:
    """The size of the exact value from below, and the bits of its size from below and above, rounded down.

    ``inner`` and ``outer`` are the radii towards 0 and away from it, the value strictly on the other side of
    z + rest where one of them is 0 and the other not.
    """
    size, rest = abs(z), rest if z >= 0 else -rest
    down, up = rest - inner, rest + outer
    down = down - (abs(down) * 2.0**-52 if inner > 0 else 0.0)
    up = up + (abs(up) * 2.0**-52 if outer > 0 else 0.0)
    smallest, under = two_sum(size, down)
    largest, over = two_sum(size, up)
    # A radius larger than the value reaches to the other side of 0.
    crossing = inner > size
    largest = max(largest, inner) if crossing else largest
    exclusive = over < 0 or (over == 0 and strict and outer == 0 and not crossing)
    small_bits = bits_of(max(smallest, 0.0)) - (1 if under < 0 and smallest > 0 else 0)
    return smallest, small_bits, bits_of(largest) - (1 if exclusive and largest > 0 else 0)


@exactly
def _errors(
    dist: float, lacking: float, more: float, near: float, far: float, tiny: bool
) -> tuple[float, float]:
    """Bounds of abs(D): ``near`` is how far z may be on the result's side of the centre, ``far`` beyond.

    ``tiny``: the result may have been rounded when it was scaled.
    """
    q = more - lacking
    total, slip = two_sum(dist, q)
    exact = more == 0.0 and slip == 0.0 and not tiny
    widened = 0.0 if exact else (abs(total) + abs(q)) * _WIDER
    size = abs(total)
    least = size - near - widened
    least = least - (0.0 if exact and near == 0.0 else abs(least) * _WIDER)
    most = max(size + far, near - size) + widened
    most = most + (0.0 if exact and far == 0.0 and near <= size else most * _WIDER)
    return max(least, 0.0), most


@exactly
def _against(
    dist: float, edge: float, lacking: float, more: float, near: float, far: float, strict: bool
) -> tuple[bool, bool, bool]:
    """Whether abs(D) is below an edge, beyond it, or just there, for certain."""
    w, lost = two_sum(dist, -edge)
    q = (lost + more) - lacking
    excess = w + q
    # Otherwise w - lacking is rounded once: its sign is right, and where it is 0 it is just 0.
    exact = lost == 0.0 and more == 0.0
    off = abs(excess) * _WIDER + (0.0 if exact else (abs(w) + abs(q)) * _WIDER)
    level = excess == 0.0 and off == 0.0
    under = excess < -far - off or (level and far == 0.0 and strict)
    over = excess > near + off or (level and near == 0.0 and strict)
    # A value that may lie far on the other side of the result could be further off than it seems.
    return under and near < 0.5 * edge, over, level and near == 0.0 and far == 0.0


@exactly
def _judge_block(w: Any, n: int, factor: float, scale: int, form: Any) -> None:
    precision = form[0]
    least, most, top, floor = _limits(form[1], form[2], scale)
    least_bits, most_bits = bits_of(least), bits_of(most)
    # The bits of 1/ulp are this less the exponent bits of the magnitude.
    offset = (2046 + precision - 1) << 52
    for i in range(n):
        y, high = w[i + RESULT], w[i + MAIN]
        result = y * factor
        infinite, nan, zero = abs(y) == np.inf, y != y, y == 0.0  # noqa: PLR0124
        far_off = abs(result) >= _BIG and not infinite
        got = min(max(result, -top), top)
        # The exact value stands at 2^(emax + 1) at most, and just there if it is larger for certain.
        outside = abs(high) >= top
        z = min(max(high, -top), top)
        rest = 0.0 if outside else w[i + REST]
        certain = outside and abs(high) * (1.0 - _WIDER) - max(w[i + BELOW], w[i + ABOVE]) >= top * (
            1.0 + _WIDER
        )
        below, above = (0.0, 0.0) if certain else (w[i + BELOW], w[i + ABOVE])
        strict = (below == 0.0) != (above == 0.0) and not outside
        inner, outer = (below, above) if z >= 0 else (above, below)
        smallest, small_bits, large_bits = _sizes(z, rest, inner, outer, strict)
        per_small = _inverse_unit(small_bits, least_bits, most_bits, offset)
        per_large = _inverse_unit(large_bits, least_bits, most_bits, offset)
        same, unit = per_small == per_large, 1.0 / per_small
        dist, lacking, more, side = _difference(got, z, rest)
        near, far = (above, below) if side > 0 else (below, above)
        # A result that is nothing at this scale is off by all of the value; scaling it rounded, a little.
        tiny = abs(result) < _TINY and not zero and factor < 1.0
        least_error, most_error = _errors(dist, lacking, more, near, far, tiny)
        low, high = least_error * per_large, most_error * per_small
        under_half, over_half, at_half = _against(dist, 0.5 * unit, lacking, more, near, far, strict)
        under_one, over_one, at_one = _against(dist, unit, lacking, more, near, far, strict)
        # Where the unit is not known the smaller one proves what is below, and only the bound what is beyond.
        over_half, over_one = (over_half and same) or low > 0.5, (over_one and same) or low > 1.0
        # A multiple of two units, up to 2^53 of them: half of it is an integer, which 2^52 more leaves whole.
        pairs = abs(got) * per_small * 0.5
        correct = under_half or (at_half and (pairs + 2.0**52) - 2.0**52 == pairs)
        unknown = (floor > 0 and smallest < floor) or not (inner + outer < np.inf)
        half_open = not (under_half or over_half or at_half)
        wrong = infinite and not correct and not half_open
        bad = nan or wrong
        lost = zero and small_bits >= least_bits
        # An interval that reaches across a power of two would be twice as wide as it need be.
        one_open = not (wrong or (under_one and (same or under_half)) or (over_one and same) or at_one)
        opened = half_open or one_open or unknown or (zero and not lost and large_bits >= least_bits)
        high = min(high, 0.5) if under_half else min(high, 1.0) if under_one else high
        low = max(low, 1.0) if over_one else max(low, 0.5) if over_half else low
        # Errors in units of max(abs(z), s), s from below and from above.
        s = w[i + MORE] * factor
        larger_of_small, larger_of_large = bits_of(w[i + LESS] * factor), bits_of(s)
        per_s_small = _inverse_unit(max(small_bits, larger_of_small), least_bits, most_bits, offset)
        per_s_large = _inverse_unit(max(large_bits, larger_of_large), least_bits, most_bits, offset)
        w[i + LOW] = 0.0 if unknown or bad else low
        w[i + HIGH] = 0.0 if bad else np.inf if unknown or far_off else high
        w[i + SCALED_LOW] = 0.0 if unknown or bad or s * _TINY >= 1.0 else least_error * per_s_large
        w[i + SCALED_HIGH] = (
            0.0 if bad else np.inf if unknown or far_off else min(high, most_error * per_s_small)
        )
        flag = (
            0.0 if bad else (1.0 if correct else 0.0) + (2.0 if under_one else 0.0) + (16.0 if lost else 0.0)
        )
        flag += (4.0 if nan else 0.0) + (8.0 if wrong else 0.0)
        w[i + FLAGS] = flag + (32.0 if opened and not nan else 0.0)


@exactly
def _put(w: Any, start: int, out: Any, flags: Any) -> None:
    """What a block has found, to where it belongs."""
    for k in range(4):
        row = out[k]
        for i in range(flags.size):
            row[start + i] = w[i + k * BLOCK]
    for i in range(flags.size):
        flags[i] = np.uint8(w[i + FLAGS])


@exactly
def judge(
    x: Any,
    y: Any,
    scales: Any,
    form: Any,
    bounds: Any,
    segments: Any,
    out: Any,
    flags: Any,
) -> None:
    """Judge results y of sorted inputs x; ``form`` is precision, emin and emax of the results' format.

    Inputs from bounds[j] up to bounds[j + 1] belong to segment j. ``scales`` has two rows, s(x) from below
    and from above. ``out`` receives four rows of errors, ``flags`` what is decided.
    """
    w = np.empty(_PARTS * BLOCK)
    main, rest, step = w[MAIN : MAIN + BLOCK], w[REST : REST + BLOCK], w[STEP : STEP + BLOCK]
    below, above = w[BELOW : BELOW + BLOCK], w[ABOVE : ABOVE + BLOCK]
    block = Pairs(main, rest, below, above, step)
    for j in range(bounds.size - 1):
        for start in range(bounds[j], bounds[j + 1], BLOCK):
            end = min(start + BLOCK, bounds[j + 1])
            n = end - start
            fill(x[start:end], j, segments, block)
            for i in range(n):
                w[i + RESULT] = y[start + i]
            for i in range(n):
                w[i + LESS] = scales[0, start + i]
                w[i + MORE] = scales[1, start + i]
            _judge_block(w, n, segments.numbers[j, SCALE], int(segments.numbers[j, SCALING]), form)
            _put(w, start, out, flags[start:end])
