"""The inputs of a sample in parts, each of which covers every binade of either sign."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray

from actcheck.conformance.sampling import places
from actcheck.reference.formats import Format

#: Inputs of a part: what is known of them while they are judged takes some 40 MB.
PART = 1 << 18


def parts(count: int) -> int:
    """How many parts a sample of so many inputs has."""
    return max(1, -(-count // PART))


def inputs(form: Format, telling: Iterable[float], seed: int, count: int, number: int) -> NDArray[Any]:
    """The inputs of one part; the first holds telling points, special values and ends of binades as well."""
    size = min(PART, count - PART * number)
    if number == 0:
        return places.stratified(form, telling, seed, size)
    return places.scattered(form, (seed, number), size)
