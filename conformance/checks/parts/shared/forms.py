"""The ways of laying out inputs that must not change a result. A new form is one entry of `FORMS`.

Each is made of a plain array of `LENGTH` inputs by moving elements alone, never by computing: made of the
numbers 0, 1, 2 ..., the same form tells where each element comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
#: Elements of a plain array, and of most forms: 2 * 3 * 4 * 5 * 2.
LENGTH = 240
_EMPTY: tuple[tuple[int, ...], ...] = ((0,), (3, 0), (0, 3), (2, 0, 3), (2, 3, 0))
_SHAPES: tuple[tuple[int, ...], ...] = (
    (12, 20),
    (4, 5, 12),
    (2, 4, 5, 6),
    (2, 3, 4, 5, 2),
    (2, 3, 2, 5, 2, 2),
)


@dataclass(frozen=True)
class Form:
    """One layout, by the name that messages and known deviations give it."""

    name: str
    #: From a plain array of `LENGTH` elements to an array of any shape and strides.
    build: Callable[[Array], Array]

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Where in the plain array each element comes from, in the order of the form's elements."""
        return self.build(np.arange(LENGTH)).ravel()

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape of what is built."""
        return self.build(np.arange(LENGTH)).shape

    @cached_property
    def stored_otherwise(self) -> bool:
        """Whether all elements are stored without gaps, but in another order of the dimensions."""
        built = self.build(np.arange(LENGTH))
        memory = built.transpose(np.argsort(built.strides)[::-1])
        return memory.flags.c_contiguous and built.size == LENGTH and not built.flags.c_contiguous


def _scalar(at: int, x: Array) -> Array:
    return x[at : at + 1].reshape(())


def _shaped(shape: tuple[int, ...], x: Array) -> Array:
    return x[: int(np.prod(shape))].reshape(shape)


def _stored(order: tuple[int, ...], shape: tuple[int, ...], x: Array) -> Array:
    """The dimensions stored in another order than they are counted in."""
    back = np.argsort(order)
    return np.ascontiguousarray(x.reshape(shape).transpose(order)).transpose(back)


def _strided(step: int, x: Array) -> Array:
    return np.repeat(x, step)[::step]


def _rows_with_a_gap(columns: slice, x: Array) -> Array:
    """Half of each row of a matrix twice as wide, as from a split along the last dimension."""
    rows = x.reshape(12, 20)
    return np.concatenate([rows, rows], axis=1)[:, columns]


def _window(x: Array) -> Array:
    """The inner part of a larger matrix."""
    rows = x.reshape(12, 20)
    return np.pad(rows, ((2, 3), (3, 2)), mode="edge")[2:-3, 3:-2]


def _offset(elements: int, x: Array) -> Array:
    """Some elements into a buffer."""
    return np.concatenate([x[:elements], x])[elements:]


def _expanded(at: tuple[Any, ...], x: Array) -> Array:
    return np.broadcast_to(x.reshape(12, 20)[at], (12, 20))


def _forms() -> Iterator[Form]:
    yield Form("1-d", lambda x: x)
    for element in range(0, LENGTH, LENGTH // 12):
        yield Form("0-d", partial(_scalar, element))
    for rank in range(1, 7):
        yield Form(f"one element, {rank}-d", partial(_shaped, (1,) * rank))
    for empty in _EMPTY:
        yield Form(f"empty {'x'.join(map(str, empty))}", partial(_shaped, empty))
    for shape in _SHAPES:
        yield Form(f"{len(shape)}-d", partial(_shaped, shape))
    yield Form("transposed", partial(_stored, (1, 0), (12, 20)))
    yield Form("permuted", partial(_stored, (2, 0, 1), (4, 5, 12)))
    yield Form("channels last", partial(_stored, (0, 2, 3, 1), (2, 4, 5, 6)))
    yield Form("channels last, 5-d", partial(_stored, (0, 2, 3, 4, 1), (2, 3, 4, 5, 2)))
    yield Form("reversed", lambda x: x[::-1])
    yield Form("reversed rows", lambda x: x.reshape(12, 20)[:, ::-1])
    for step in (2, 3, 5):
        yield Form(f"strided by {step}", partial(_strided, step))
    yield Form("strided rows", lambda x: np.repeat(x, 2).reshape(20, 24)[:, ::2])
    yield Form("left half of rows", partial(_rows_with_a_gap, slice(None, 20)))
    yield Form("right half of rows", partial(_rows_with_a_gap, slice(20, None)))
    yield Form("window", _window)
    yield Form("expanded rows", partial(_expanded, (slice(0, 1), slice(None))))
    yield Form("expanded columns", partial(_expanded, (slice(None), slice(0, 1))))
    for row in range(0, 12, 2):
        at = (slice(row, row + 1), slice(row, row + 1))
        yield Form("expanded rows and columns", partial(_expanded, at))
    for elements in (1, 3, 8):
        yield Form(f"{elements} into a buffer", partial(_offset, elements))


FORMS: tuple[Form, ...] = tuple(_forms())
