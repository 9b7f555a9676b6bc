"""Parts of larger arrays, as slices. A new part is one entry of `SLOTS`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Index
from actcheck.conformance.checks.parts.shared.everywhere import turn
from actcheck.conformance.model import Level, Question

Array = NDArray[Any]
_ALL = slice(None)


@dataclass(frozen=True)
class Slot:
    """A part of an array of a shape, by the name that messages give it."""

    name: str
    base: tuple[int, ...]
    index: Index
    #: How the array is stored, by rows or by columns: ``C`` or ``F``.
    stored: str = "C"

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the part."""
        return np.empty(self.base)[self.index].shape

    def filled(self, x: Array, random: np.random.Generator) -> Array:
        """The array: elements of x in the part, and ordinary numbers beside it."""
        numbers = np.asarray(random.normal(0, 3, self.base)).astype(x.dtype)
        base = np.array(numbers, order="F" if self.stored == "F" else "C")
        base[self.index] = np.resize(x, self.shape)
        return base

    def beside(self, base: Array) -> Array:
        """What lies beside the part."""
        mask = np.ones(base.shape, bool)
        mask[self.index] = False
        return base[mask]


SLOTS: tuple[Slot, ...] = (
    Slot("middle of a vector", (250,), (slice(5, 245),)),
    Slot("every third element", (722,), (slice(1, 721, 3),)),
    Slot("vector backwards", (240,), (slice(None, None, -1),)),
    Slot("left half of rows", (12, 40), (_ALL, slice(0, 20))),
    Slot("right half of rows", (12, 40), (_ALL, slice(20, 40))),
    Slot("window", (15, 25), (slice(1, 13), slice(2, 22))),
    Slot("every second column", (12, 40), (_ALL, slice(0, 40, 2))),
    Slot("every second row", (24, 20), (slice(1, 24, 2), _ALL)),
    Slot("columns backwards", (12, 20), (_ALL, slice(None, None, -1))),
    Slot("rows of an array stored by columns", (14, 20), (slice(1, 13), _ALL), "F"),
    Slot("part of a 4-d array", (2, 6, 5, 6), (_ALL, slice(1, 5), _ALL, _ALL)),
    Slot("one element", (5,), (slice(2, 3),)),
    Slot("0-d array", (), (...,)),
    Slot("no element", (3, 4), (_ALL, slice(2, 2))),
)
#: At quick, the share of variants' questions is so much smaller.
_FEW = 2


def chosen(question: Question, level: Level) -> Iterator[Slot]:
    """All; at quick a share, so that the formats of an activation have them all between them."""
    share = 1 if level != "quick" else 4 if question.variant.kind == "default" else 4 * _FEW
    first = turn(question) + zlib.crc32(f"{question.activation}{question.variant.label}".encode())
    yield from SLOTS[first % share :: share]
