"""What is computed of a normalizing definition at a row, as programs over balls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from actcheck.reference.expressions.calculus import derivative, plus, times
from actcheck.reference.normalizing.programs import Program
from actcheck.reference.normalizing.sizes import size
from actcheck.reference.specification.normalizing import Normalized, by_total


@dataclass(frozen=True)
class Trees:
    """The programs of one definition; symbols are x, the sum and the size of the sum."""

    of: Normalized

    @cached_property
    def terms(self) -> Program:
        """h and its size, h' and its size."""
        one, slope = self.of.term, self.of.term_slope
        return Program.of(one, size(one), slope, size(slope))

    @cached_property
    def value(self) -> Program:
        """F alone."""
        return Program.of(self.of.value)

    @cached_property
    def sized_value(self) -> Program:
        """The size of F."""
        return Program.of(size(self.of.value))

    @cached_property
    def conditions(self) -> Program:
        """How a result moves with its own element, and with the sum by others."""
        own = plus(self.of.by_x, times(self.of.by_total, self.of.term_slope))
        return Program.of(own, self.of.by_total)

    @cached_property
    def slopes(self) -> Program:
        """F_x, F_S, their sizes, and F."""
        nodes = self.of.by_x, self.of.by_total
        return Program.of(*nodes, *map(size, nodes), self.of.value)

    @cached_property
    def term_slopes(self) -> Program:
        """h, h' and h''."""
        return Program.of(self.of.term, self.of.term_slope, derivative(self.of.term_slope))

    @cached_property
    def bends(self) -> Program:
        """F_xx, F_xS and F_SS."""
        return Program.of(derivative(self.of.by_x), by_total(self.of.by_x), by_total(self.of.by_total))


@lru_cache(maxsize=64)
def trees(normalized: Normalized) -> Trees:
    """The programs of a definition, kept."""
    return Trees(normalized)
