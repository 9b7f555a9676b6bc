"""Sums without error inside compiled loops.

No operation here may be reordered or fused: the loops are compiled without any of LLVM's liberties, and
multiply-adds are fused where they are written as such.
"""

from __future__ import annotations

from actcheck.reference.machine.compiling import exactly


@exactly
def two_sum(a: float, b: float) -> tuple[float, float]:
    """a + b exactly, as the rounded sum and what it lacks (D. Knuth)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)
