"""What an expression may cost: past it one error, so that no definition takes all of the time or the memory.

The bounds lie above what the shipped definitions need: 5,695 nodes of a fourth derivative, three cases,
and numbers of 148 bits.
"""

from __future__ import annotations

from fractions import Fraction

#: Nodes of the tree of a derivative.
MOST_NODES = 20_000
#: Cases that abs, min and max of one definition stand for.
MOST_CASES = 128
#: Bits of a constant that is computed once; a longer one stays the expression that it is. Within Python's
#: limit for whole numbers as text.
MOST_BITS = 1 << 13
#: Bits of a rational value that is kept exact: a 16th power of any float64 is. Larger ones are rounded.
MOST_EXACT_BITS = 1 << 16
_SHOWN = 80


class BudgetError(ArithmeticError):
    """An expression that costs more than any activation needs; the text says of what, and what to do."""


def bit_length(value: Fraction) -> int:
    """The bits of a rational number, numerator and denominator together."""
    return value.numerator.bit_length() + value.denominator.bit_length()


def shortened(source: str, column: int = 0) -> str:
    """An expression as it is shown in a message: at most some 80 characters of it, about a column."""
    first = max(0, min(column - _SHOWN // 2, len(source) - _SHOWN))
    shown = source[first : first + _SHOWN]
    return f"{'...' * (first > 0)}{shown}{'...' * (first + _SHOWN < len(source))}"
