"""Right for plain arrays, and wrong for some rank, layout or length: every place with two effects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, cycle

from actcheck.reference.specification.loading import load_all
from tests.zoo.backend import Change
from tests.zoo.effects import doubled, floats_off, negated, one_float_off, when, zero
from tests.zoo.model import FaultyBackend
from tests.zoo.planting import planted
from tests.zoo.where import (
    Where,
    array,
    by_columns,
    channels_last,
    gaps,
    length,
    more_than,
    rank,
    rank_from,
    strides,
)

_FORMATS = ("float32", "bfloat16", "float64", "float16")

_EFFECTS: dict[str, Change] = {
    "negated": negated,
    "zero": zero,
    "doubled": doubled,
    "one float off": one_float_off,
    "two floats off": floats_off(2),
}

#: By kind: where, and the check that owns it.
_PLACES: dict[str, dict[str, tuple[Where, str]]] = {
    "rank": {
        "numbers of 0 dimensions": (rank(0), "shapes"),
        **{f"{n} dimensions": (rank(n), "shapes") for n in range(2, 7)},
        "2 dimensions and more": (rank_from(2), "shapes"),
        "3 dimensions and more": (rank_from(3), "shapes"),
        "one element in 1 dimension": (array(lambda x: x.shape == (1,)), "consistency"),
        "one element in 4 dimensions": (array(lambda x: x.shape == (1,) * 4), "shapes"),
        "one element in 6 dimensions": (array(lambda x: x.shape == (1,) * 6), "shapes"),
    },
    "layout": {
        "columns stored one after the other": (array(lambda x: x.ndim == 2 and by_columns(x)), "shapes"),
        "channels last": (array(lambda x: x.ndim == 4 and channels_last(x)), "shapes"),
        "channels last in 5 dimensions": (array(lambda x: x.ndim == 5 and channels_last(x)), "shapes"),
        "permuted dimensions": (array(lambda x: x.ndim == 3 and not x.flags.c_contiguous), "shapes"),
        "reversed vectors": (array(lambda x: x.ndim == 1 and x.strides[0] < 0 and x.size > 1), "shapes"),
        "reversed rows": (array(lambda x: x.ndim == 2 and x.strides[1] < 0), "shapes"),
        "negative strides": (strides(lambda s, n: s < 0), "shapes"),
        "strides of 0": (strides(lambda s, n: s == 0), "shapes"),
        "both strides 0": (array(lambda x: x.ndim == 2 and not any(x.strides) and x.size > 1), "shapes"),
        "rows with a gap": (array(gaps), "shapes"),
        "every second element": (strides(lambda s, n: s == 2), "shapes"),
        "every third element": (array(lambda x: x.ndim == 1 and x.strides[0] == 3 * x.itemsize), "shapes"),
        "every fifth element": (array(lambda x: x.ndim == 1 and x.strides[0] == 5 * x.itemsize), "shapes"),
        "data not aligned to 16 bytes": (
            array(lambda x: x.ndim == 1 and x.size > 67 and x.ctypes.data % 16 != 0),
            "shapes",
        ),
    },
    "length": {
        "lengths below 8": (length(1, 7), "consistency"),
        "a length of 16": (length(16), "consistency"),
        "a length of 67": (length(67), "consistency"),
        "lengths from 68 to 127": (length(68, 127), "consistency"),
        "a length of 1,025": (length(1025), "consistency"),
        "lengths from 2,000 to 5,000": (length(2000, 5000), "consistency"),
        "more than 2^15 elements": (more_than(1 << 15), "consistency"),
        "more than 2^16 elements": (more_than(1 << 16), "consistency"),
        "more than 2^17 elements": (more_than(1 << 17), "consistency"),
    },
}

#: Of activations that are not element-wise.
_STRUCTURED: tuple[tuple[str, str, Where, str, str], ...] = (
    ("glu", "arrays stored by columns", array(by_columns), "structure-float32", "forward"),
    (
        "glu",
        "arrays with gaps",
        array(lambda x: x.strides[-1] > x.itemsize),
        "structure-bfloat16",
        "gradient",
    ),
    ("glu", "3 dimensions", rank(3), "structure-float32", "forward"),
    ("prelu", "arrays stored by columns", array(by_columns), "structure-float32", "gradient"),
    (
        "prelu",
        "arrays with gaps",
        array(lambda x: x.ndim > 2 and x.strides[-1] > x.itemsize),
        "structure-bfloat16",
        "forward",
    ),
    ("prelu", "5 dimensions", rank(5), "structure-float32", "forward"),
    ("crelu", "arrays stored by columns", array(by_columns), "structure-bfloat16", "forward"),
    (
        "crelu",
        "arrays with gaps",
        array(lambda x: x.strides[-1] > x.itemsize),
        "structure-float32",
        "gradient",
    ),
    ("crelu", "one dimension", rank(1), "structure-float32", "forward"),
)


def _every_place() -> Iterator[FaultyBackend]:
    """Each with two effects; activations, formats and quantities come in turn."""
    specs = cycle([spec for spec in load_all().values() if spec.elementwise])
    effects, turn = list(_EFFECTS.items()), count()
    for kind, places in _PLACES.items():
        for place, (where, check) in places.items():
            for quantity in ("forward", "gradient"):
                step, spec = next(turn), next(specs)
                name, effect = effects[step % len(effects)]
                form = _FORMATS[step % len(_FORMATS)]
                if "2^1" in place:
                    form = "*"  # at quick the formats share the longest lengths
                told = f"{quantity} {name} for {place}"
                yield planted(kind, spec.id, told, when(where, effect), f"{check}-{form}", quantity)


def _structured() -> Iterator[FaultyBackend]:
    for activation, place, where, by, quantity in _STRUCTURED:
        kind = "rank" if "dimension" in place else "layout"
        told = f"{quantity} negated for {place}"
        yield planted(kind, activation, told, when(where, negated), by, quantity)


FAULTS = (
    *_every_place(),
    *_structured(),
)
