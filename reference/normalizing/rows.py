"""Rows of a normalizing activation: exact results at their elements, and how far honest backends are off.

An honest backend evaluates the terms at what is left of an element when the one with the largest term is
subtracted from it, or at the element itself: one rounding of the difference d_k. By the mean value theorem
that moves a result by at most the sum over k of u*d_k*abs(df_i/dx_k), the derivatives enclosed over all such
elements. S is this, in units of u, and what `sizes` says of the operations that follow. docs/normalizing.md
has the proof.

Rows are read together: each array holds the elements of all of them, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from actcheck.reference.evaluation.balls import precision
from actcheck.reference.formats import Format
from actcheck.reference.judging.sums.bounds import unit_roundoff
from actcheck.reference.normalizing.balls import Balls, array_of, parts, spread_out, up
from actcheck.reference.normalizing.trees import Trees, trees
from actcheck.reference.specification.normalizing import Normalized

Doubles = NDArray[np.float64]
#: Bits of a first evaluation, of elements so large that their exponentials need more, and the most.
_BITS, _WIDE_BITS, _MOST_BITS = 128, 1400, 6000
_LARGE = 2.0**200
#: A result is settled with so many bits, or where it is zero in every format.
_SETTLED, _NOTHING = 110, arb(2) ** -1100
#: What stands for an infinite element: beyond every format.
_FAR = 3000
#: Products of two errors weigh less than a 16th of the bound as long as k*u times what a sum is conditioned
#: by is less than a 64th; a longer row has no bound.
_SECOND, LONGEST = arb(1) + arb(2) ** -4, 2.0**-6
#: Elements are off by half of this times their distance at most: u of binary32, more than that of binary64.
_OFF = 2.0**-23
#: Roundings beside those of the sum: exp with 2 ULP, a difference, a quotient, a logarithm, and to spare.
_OTHERS = 16


@dataclass(frozen=True)
class Row:
    """Elements, each with how often it occurs and, of a gradient, with the upstream that it has there."""

    x: Doubles
    counts: NDArray[np.int64]
    upstream: Doubles | None = None


#: Rows of a table of results: each as ``main + rest``; S without, and how many smallest normal numbers are
#: added for, what may underflow; the size of the sum in units of the sum, by which its errors grow.
MAIN, REST, SIZE, LEAST, CONDITION = range(5)
COLUMNS = 5


def roundings(length: int, quantity: str) -> int:
    """k: those on the longest path to a result of a row; a gradient has two sums."""
    return length + _OTHERS if quantity == "forward" else 2 * (length + _OTHERS)


def results(normalized: Normalized, rows: Sequence[Row]) -> list[Doubles]:
    """A table of each row: of the function, or of the gradient where rows have upstreams."""
    return _each(normalized, rows, _forward if rows[0].upstream is None else _gradient)


def spreads(normalized: Normalized, rows: Sequence[Row], form: Format) -> list[Doubles]:
    """How far gradients move where a backend goes back from results that were rounded to a format."""
    return _each(normalized, rows, partial(_spread, form=form))


def _each(normalized: Normalized, rows: Sequence[Row], reading: Callable[[_Read], Doubles]) -> list[Doubles]:
    """What a reading gives of each row; rows of elements so large that they need more bits apart."""
    found: dict[int, Doubles] = {}
    for large in (False, True):
        chosen = [i for i, row in enumerate(rows) if (_size(row.x) > _LARGE) == large]
        if chosen:
            with precision(_WIDE_BITS if large else _BITS, 1):
                read = _Read.of(trees(normalized), [rows[i] for i in chosen])
                made = reading(read)
            found |= zip(chosen, (made[..., part] for part in read.parts), strict=True)
    return [found[i] for i in range(len(rows))]


def element(value: float) -> Any:
    """An element of a row as a ball: an infinite one is a number beyond every format."""
    return arb(value) if np.isfinite(value) else arb(2) ** _FAR * (1 if value > 0 else -1)


@dataclass(frozen=True)
class _Read:
    """Rows read: values of the symbols, and enclosures of them for all elements that are off as is honest."""

    trees: Trees
    rows: Sequence[Row]
    x: Balls
    counts: Balls
    #: Of the symbols, at the elements themselves.
    values: Mapping[str, Balls]
    #: h', and its size.
    slopes: tuple[Balls, Balls]
    #: d_k.
    distance: Balls

    @property
    def lengths(self) -> list[int]:
        return [len(row.x) for row in self.rows]

    @property
    def starts(self) -> NDArray[np.int64]:
        return np.cumsum([0, *self.lengths[:-1]])

    @property
    def parts(self) -> list[slice]:
        return [slice(a, a + n) for a, n in zip(self.starts.tolist(), self.lengths, strict=True)]

    def summed(self, terms: Balls) -> Balls:
        """Sums over the rows, each as often as its row has elements."""
        return np.repeat(np.add.reduceat(terms * self.counts, self.starts), self.lengths)

    @classmethod
    def of(cls, made: Trees, rows: Sequence[Row]) -> _Read:
        x = array_of([element(v) for row in rows for v in row.x.tolist()])
        counts = array_of([arb(n) for row in rows for n in row.counts.tolist()])
        term, term_size, *slopes = (spread_out(v, x) for v in made.terms.run({"x": x}))
        read = cls(made, rows, x, counts, {}, (slopes[0], slopes[1]), x)
        values = {"x": x, "sum": read.summed(term), "size of the sum": read.summed(term_size)}
        largest = [part.start + _largest(abs(term[part])) for part in read.parts]
        distance = abs(x - np.repeat(x[largest], read.lengths))
        return cls(made, rows, x, counts, values, read.slopes, distance)

    def box(self, off: Balls) -> tuple[Mapping[str, Balls], Balls]:
        """The symbols where each element may be off so far, h' and h'', and abs(h')*off summed."""
        near = array_of([arb(v.mid(), d.abs_upper()) for v, d in zip(self.x, off, strict=True)])
        term, slope, bend = (spread_out(v, near) for v in self.trees.term_slopes.run({"x": near}))
        values = {"x": near, "sum": self.summed(term), "slope": slope, "bend": bend}
        return values, self.summed(abs(slope) * off)

    def table(self, exact: tuple[Doubles, Doubles, Doubles], size: Balls, least: Doubles) -> Doubles:
        """Results with their bounds."""
        main, rest, wide = exact
        condition = up(self.values["size of the sum"] / self.values["sum"])
        return np.stack([main, rest, up(size * _SECOND) + wide * 2.0**53, least, condition])


def _forward(read: _Read) -> Doubles:
    (size,) = read.trees.sized_value.run(read.values)
    box, reach = read.box(read.distance * _OFF)
    own, others = read.trees.conditions.run(box)
    moved = abs(own) * read.distance + abs(others) * reach / _OFF
    return read.table(_settled(read), size + moved, np.full(len(size), 2.0))


def _settled(read: _Read) -> tuple[Doubles, Doubles, Doubles]:
    """The values of the function, settled relative to themselves: where it cancels, at more bits."""
    (found,) = read.trees.value.run(read.values)
    open_ = [i for i, part in enumerate(read.parts) if not all(map(_is_settled, found[part]))]
    for i in open_:
        found[read.parts[i]] = _at_more_bits(read.trees, read.rows[i])
    return parts(found)


def _at_more_bits(made: Trees, row: Row) -> Balls:
    bits = _BITS if _size(row.x) <= _LARGE else _WIDE_BITS
    while True:
        bits *= 4
        with precision(bits, 1):
            x = array_of([element(v) for v in row.x.tolist()])
            term = spread_out(made.terms.run({"x": x})[0], x)
            total = array_of([(term * array_of([arb(n) for n in row.counts.tolist()])).sum()])
            found = spread_out(made.value.run({"x": x, "sum": total})[0], x)
        if bits >= _MOST_BITS or all(map(_is_settled, found)):
            return found


def _is_settled(value: Any) -> bool:
    return bool(value.rel_accuracy_bits() >= _SETTLED or value.abs_upper() < _NOTHING)


def _gradient(read: _Read) -> Doubles:
    upstream = _upstreams(read)
    found = [spread_out(v, read.x) for v in read.trees.slopes.run(read.values)]
    by_x, by_total, by_x_size, by_total_size, value = found
    exact = upstream * by_x + read.slopes[0] * read.summed(upstream * by_total)
    sent = abs(upstream)
    back = read.summed(sent * by_total_size)
    size = sent * by_x_size + read.slopes[1] * back
    # A backend may go back from the result itself, which is rounded.
    size = size + _moved(read, sent, back, read.distance + _ratio(value, by_x))
    main, rest, wide = parts(exact)
    # What cannot be told from zero is zero for all that is told of it.
    unsure = np.abs(main) <= wide
    sure = np.where(unsure, 0.0, main), np.where(unsure, 0.0, rest), np.where(unsure, 2 * wide, wide)
    return read.table(sure, size, up(1 + sent + read.summed(sent)))


def _spread(read: _Read, form: Format) -> Doubles:
    by_x, _, _, by_total_size, value = (spread_out(v, read.x) for v in read.trees.slopes.run(read.values))
    sent = abs(_upstreams(read))
    stored = _ratio(unit_roundoff(form) * abs(value), by_x)
    beside = _ratio(arb(form.smallest / 2), by_x)
    return up(_moved_alone(read, sent, read.summed(sent * by_total_size), stored, beside) * _SECOND)


def _upstreams(read: _Read) -> Balls:
    return array_of([arb(u) for row in read.rows for u in np.asarray(row.upstream).tolist()])


def _moved(read: _Read, sent: Balls, back: Balls, off: Balls) -> Balls:
    """How far the gradient moves, in units of u, where elements are off by ``off`` in units of u."""
    box, reach = read.box(off * _OFF)
    reach = reach / _OFF
    bent, mixed, squared = (abs(spread_out(v, read.x)) for v in read.trees.bends.run(box))
    others = read.summed(sent * (mixed * off + squared * reach))
    return sent * (bent * off + mixed * reach) + back * abs(box["bend"]) * off + abs(box["slope"]) * others


def _moved_alone(read: _Read, sent: Balls, back: Balls, off: Balls, beside: Balls) -> Balls:
    """The same where elements are off by ``off`` itself, and the sum is what it is.

    ``beside`` is what they are off beside that in results that depend on them by a factor alone.
    """
    box, _ = read.box(off)
    bent, mixed, _ = (abs(spread_out(v, read.x)) for v in read.trees.bends.run(box))
    whole = off + beside
    others = read.summed(sent * mixed * whole)
    return sent * bent * whole + back * abs(box["bend"]) * whole + abs(box["slope"]) * others


def _ratio(above: Any, below: Balls) -> Balls:
    """abs(above/below); 0 where below may be."""
    pairs = zip(np.broadcast_to(above, below.shape), below, strict=True)
    return array_of([arb(0) if b.contains(0) else abs(a / b) for a, b in pairs])


def _largest(balls: Balls) -> int:
    best = 0
    for at in range(1, len(balls)):
        if balls[at] > balls[best]:
            best = at
    return best


def _size(x: Doubles) -> float:
    return float(np.abs(x[np.isfinite(x)]).max(initial=0.0))
