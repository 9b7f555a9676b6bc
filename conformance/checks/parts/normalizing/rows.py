"""Rows that are asked of normalizing activations, of every length; a new kind is an entry of `KINDS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.checks.parts.shared import few_shapes
from actcheck.conformance.model import Level
from actcheck.reference.formats import Format

Array = NDArray[Any]
#: Around the widths of vectors and of blocks of kernels.
LENGTHS = (1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65)
#: Rows that kernels split; they hold few distinct numbers, so that each sum is quick.
LONG: Mapping[Level, tuple[int, ...]] = {
    "quick": (257, 1000, (1 << 16) + 1),
    "full": (*range(66, 140), 257, 511, 513, 1000, 1025, 4097, (1 << 16) + 1, (1 << 20) + 3),
    "exhaustive": (*range(66, 140), 257, 511, 513, 1000, 1025, 4097, (1 << 16) + 1, (1 << 20) + 3),
}
#: Lengths of the special kinds of rows, and of all where shapes are dear.
_FEW, _DEAR = (2, 9, 33), (1, 67, 240)
_DISTINCT = 61
#: Rows of so many and fewer elements come in twos.
_SHORT = 17
#: exp overflows in what formats are computed in: from these sizes on it does in any case.
_BEYOND = {"float16": 512.0, "bfloat16": 512.0, "float32": 1000.0, "float64": 3000.0}
#: How far exp reaches down to the smallest numbers.
_DEPTH = {"float16": 18.0, "bfloat16": 104.0, "float32": 104.0, "float64": 745.0}

#: From a random generator, a format and a shape to numbers.
Making = Callable[[np.random.Generator, Format, tuple[int, int]], Array]


@dataclass(frozen=True)
class Rows:
    """Rows beside each other, of shape (rows, length), and what is told of them."""

    words: str
    x: Array

    @property
    def length(self) -> int:
        """Of a row."""
        return int(self.x.shape[1])


def rows(form: Format, seed: int, level: Level, dear: bool = False, thinned: bool = False) -> Iterator[Rows]:
    """Ordinary rows of every length, long ones, and the special kinds."""
    lengths = _DEAR if dear else (*LENGTHS, *(() if thinned else LONG[level]))
    for length in lengths:
        yield _made("ordinary", _ordinary, form, seed, (2 if length <= _SHORT else 1, length))
    for length in _DEAR[1:2] if dear else _FEW:
        made = [_made(kind, making, form, seed, (1, length)) for kind, making in KINDS.items()]
        yield Rows(f"rows of {length}, {', '.join(KINDS)}", np.concatenate([one.x for one in made]))


def _made(kind: str, making: Making, form: Format, seed: int, shape: tuple[int, int]) -> Rows:
    random = np.random.default_rng([seed, *shape, *kind.encode()])
    with np.errstate(over="ignore"):
        x = np.asarray(making(random, form, shape)).astype(form.dtype)
    return Rows(f"{kind} rows of {shape[1]}", x)


def _ordinary(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
    if shape[1] <= 2 * _DISTINCT:
        return np.asarray(random.normal(0, 2, shape))
    return np.asarray(random.choice(random.normal(0, 2, _DISTINCT), shape))


def _equal(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
    return np.broadcast_to(random.normal(0, 30, (shape[0], 1)), shape)


def _large(sign: int) -> Making:
    def made(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
        return np.asarray(sign * _BEYOND[form.name] + random.normal(0, 3, shape))

    return made


def _far(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
    """From the largest share to the smallest numbers of the format, and beyond."""
    depth = _DEPTH[form.name]
    steps = np.linspace(-depth - 5, 0, shape[1]) + random.normal(0, 0.25, shape)
    return random.permuted(steps + depth / 2, axis=1)


def _dominated(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
    """One element so far above the others that their shares are below the last place of its own."""
    return _with_one(random, np.asarray(random.normal(0, 1, shape)), 0.36 * _DEPTH[form.name])


def _huge(sign: int) -> Making:
    def made(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
        return _with_one(random, np.asarray(random.normal(0, 2, shape)), sign * form.largest)

    return made


def _tiny(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
    """Subnormal numbers, zeros of either sign among them."""
    return np.asarray(random.integers(-9, 10, shape) * random.choice([-1.0, 1.0], shape) * form.smallest)


def _neighbours(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
    """Next to the largest number: they differ by units of its last place."""
    return form.values(form.infinity_key - 1 - random.integers(0, 4, shape))


def _opposite(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
    """Both ends of the format in one row."""
    x = np.asarray(random.normal(0, 2, shape))
    x[:, 0], x[:, -1] = -form.largest, form.largest
    return x


def _with_one(random: np.random.Generator, x: Array, value: float) -> Array:
    at = random.integers(0, x.shape[1], len(x))
    x[np.arange(len(x)), at] = value
    return x


#: Kinds of rows beside ordinary ones.
KINDS: Mapping[str, Making] = {
    "equal": _equal,
    "large": _large(1),
    "large negative": _large(-1),
    "far apart": _far,
    "dominated": _dominated,
    "one huge": _huge(1),
    "one huge negative": _huge(-1),
    "tiny": _tiny,
    "neighbouring": _neighbours,
    "opposite": _opposite,
}


def upstreams(form: Format, seed: int, shape: tuple[int, int]) -> Iterator[tuple[str, Array]]:
    """What gradients are multiplied by: numbers of every size, one size in turn for each shape of rows."""
    random = np.random.default_rng([seed, 1, *shape])
    kinds = list(_UPSTREAMS.items())
    name, making = kinds[(shape[1] + 3 * shape[0]) % len(kinds)]
    yield "upstreams", np.asarray(random.choice(_pool(random, shape), shape)).astype(form.dtype)
    with np.errstate(over="ignore"):
        yield f"{name} upstreams", np.asarray(making(random, form, shape)).astype(form.dtype)


def _pool(random: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Few distinct ones for a long row."""
    return np.asarray(random.normal(size=1000 if shape[1] <= 2 * _DISTINCT else 3))


def _sized(exponents: Callable[[Format], tuple[int, int]]) -> Making:
    def made(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
        low, high = exponents(form)
        powers = random.integers(low, high + 1, (shape[0], 1 if shape[1] > 2 * _DISTINCT else shape[1]))
        return np.asarray(random.choice(_pool(random, shape), shape) * 2.0**powers)

    return made


def _one_hot(random: np.random.Generator, form: Format, shape: tuple[int, int]) -> Array:
    """As the loss of one class sends it."""
    return _with_one(random, np.zeros(shape), -1.0)


#: Ordinary ones come with each row beside.
_UPSTREAMS: Mapping[str, Making] = {
    "equal": lambda random, form, shape: np.ones(shape),
    "one-hot": _one_hot,
    "small": _sized(lambda form: (form.emin // 2, form.emin // 2 + 3)),
    "large": _sized(lambda form: (form.emax // 2, form.emax // 2 + 3)),
    "mixed": _sized(lambda form: (form.emin // 4, form.emax // 4)),
    "zero": lambda random, form, shape: np.zeros(shape),
}


def common(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Ordinary numbers that every format has, so that exact results serve all formats."""
    return np.round(np.asarray(random.normal(0, 2, shape)) * 16) / 16


def laid_along(x: Array, dim: int) -> Array:
    """Rows beside each other as an array that has them along ``dim``; of two dimensions where it can be."""
    rank = max(2, dim + 1, -dim)
    own = dim % rank
    other = next(axis for axis in range(rank) if axis != own)
    made = np.moveaxis(x.reshape(x.shape + (1,) * (rank - 2)), (0, 1), (other, own))
    return np.ascontiguousarray(made)


def shapes_dear(level: Level, dear: bool) -> dict[str, str]:
    """The note of a finding that left out lengths."""
    return few_shapes.left_out(f"rows of other lengths than {_DEAR}") if dear else {}
