"""A choice of calls in which every two of their properties meet: a covering array of strength two.

A call has many properties (its form, format, size, ...), each with a few values, and all calls are too many.
Most faults need one property, or two together: of all calls a few are chosen so that each pair of values of
every two properties stands in one of them. Rows are made one after the other, and each takes for one
property after the other the value that makes most new pairs (D. M. Cohen and others, The AETG system: an
approach to testing based on combinatorial design, 1997), without chance: equal factors give equal rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import combinations

#: A factor's name to one of its levels; not all factors need be there.
Row = Mapping[str, Hashable]
#: A factor with one of its levels, twice; the factors stand in their order.
Pair = tuple[tuple[str, Hashable], tuple[str, Hashable]]


def anything(row: Row) -> bool:
    """Leaves nothing out."""
    return True


def covering(
    factors: Mapping[str, Sequence[Hashable]],
    possible: Callable[[Row], bool] = anything,
    first: Sequence[Row] = (),
) -> list[dict[str, Hashable]]:
    """Rows of one level for each factor in which every possible pair of levels of every two factors occurs.

    ``possible`` is asked of rows that are not complete yet, and says False as soon as the levels that are
    there exclude each other; more levels never make it say True again. Pairs that no possible row has are
    left out. ``first`` are rows to begin with, complete ones: what they cover is not chosen again.
    """
    choice = _Choice(factors, possible)
    for row in first:
        choice.take(dict(row))
    while choice.missing:
        (one, other) = next(iter(choice.missing))
        found = choice.completed(dict((one, other)))
        if found is None:
            del choice.missing[one, other]
        else:
            choice.take(found)
    return choice.rows


def pairs(row: Row) -> Iterator[Pair]:
    """Every two levels of a row."""
    return combinations(row.items(), 2)


class _Choice:
    """The rows so far, and the pairs that none of them has."""

    def __init__(self, factors: Mapping[str, Sequence[Hashable]], possible: Callable[[Row], bool]) -> None:
        self.factors, self.possible = factors, possible
        self.rows: list[dict[str, Hashable]] = []
        self.missing: dict[Pair, None] = {
            ((one, a), (other, b)): None
            for one, other in combinations(factors, 2)
            for a in factors[one]
            for b in factors[other]
        }
        self._place = {name: at for at, name in enumerate(factors)}
        self._used: Counter[tuple[str, Hashable]] = Counter()
        # Those with most levels first: they have most pairs to meet, and least room. What is settled comes
        # before all, so that what it excludes is never tried.
        self._order = sorted(factors, key=lambda name: (len(factors[name]) > 1, -len(factors[name])))

    def take(self, row: Row) -> None:
        """Add a complete row."""
        ordered = {name: row[name] for name in self.factors}
        self.rows.append(ordered)
        self._used.update(ordered.items())
        for pair in pairs(ordered):
            self.missing.pop(pair, None)

    def completed(self, row: dict[str, Hashable]) -> dict[str, Hashable] | None:
        """The row with a level for every factor, or None where there is no possible one."""
        if not self.possible(row):
            return None
        name = next((n for n in self._order if n not in row), None)
        if name is None:
            return row
        for level in sorted(self.factors[name], key=lambda level: self._worth(row, name, level)):
            found = self.completed({**row, name: level})
            if found is not None:
                return found
        return None

    def _worth(self, row: Row, name: str, level: Hashable) -> tuple[int, int]:
        """Small for levels that make many new pairs, then for those that were seldom taken."""
        new = sum(self._ordered((name, level), other) in self.missing for other in row.items())
        return -new, self._used[name, level]

    def _ordered(self, one: tuple[str, Hashable], other: tuple[str, Hashable]) -> Pair:
        return (one, other) if self._place[one[0]] < self._place[other[0]] else (other, one)
