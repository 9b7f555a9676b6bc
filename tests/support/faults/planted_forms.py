"""Backends that are right for plain arrays and wrong in one form, made from the numpy backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.reference.specification.loading import load_all
from tests.support.faults.planted_places import Bent, next_float

#: Whether an array comes in the form in which the backend is wrong.
Where = Callable[[Any], bool]


def _has(strides: Callable[[int, int, int], bool]) -> Where:
    """Some dimension of more than one element whose stride is so: length, stride and size of an element."""
    return lambda x: any(strides(n, s, x.itemsize) for n, s in zip(x.shape, x.strides, strict=True) if n > 1)


def _gaps(x: Any) -> bool:
    """Rows that are contiguous, with something between them."""
    return x.ndim == 2 and x.strides[1] == x.itemsize and x.strides[0] > x.shape[1] * x.itemsize


#: By the check that owns them.
PLACES: dict[str, dict[str, Where]] = {
    "shapes": {
        "0-d": lambda x: x.ndim == 0,
        **{f"{rank}-d": lambda x, rank=rank: x.ndim == rank for rank in range(2, 7)},
        "3-d and more": lambda x: x.ndim >= 3,
        "one element in 4 dimensions": lambda x: x.ndim == 4 and x.size == 1,
        "one element in 6 dimensions": lambda x: x.ndim == 6 and x.size == 1,
        "columns stored one after the other": lambda x: (
            x.ndim == 2 and not x.flags.c_contiguous and x.flags.f_contiguous
        ),
        "channels last": lambda x: x.ndim == 4 and x.strides[1] == x.itemsize,
        "channels last in 5 dimensions": lambda x: x.ndim == 5 and x.strides[1] == x.itemsize,
        "permuted": lambda x: x.ndim == 3 and not x.flags.c_contiguous,
        "reversed": lambda x: x.ndim == 1 and x.strides[0] < 0,
        "reversed rows": lambda x: x.ndim == 2 and x.strides[1] < 0,
        "any negative stride": _has(lambda n, s, item: s < 0),
        "any stride of 0": _has(lambda n, s, item: s == 0),
        "both strides 0": lambda x: x.ndim == 2 and x.strides == (0, 0),
        "rows with a gap": _gaps,
        "every second": _has(lambda n, s, item: s == 2 * item),
        "every third": lambda x: x.ndim == 1 and x.strides[0] == 3 * x.itemsize,
        "every fifth": lambda x: x.ndim == 1 and x.strides[0] == 5 * x.itemsize,
        "not aligned to 16 bytes": lambda x: x.ndim == 1 and x.size > 67 and x.ctypes.data % 16 != 0,
    },
    "consistency": {
        "a length of 1": lambda x: x.shape == (1,),
        "lengths below 8": lambda x: x.ndim == 1 and x.size < 8,
        "a length of 67": lambda x: x.shape == (67,),
        "lengths from 68 to 127": lambda x: x.ndim == 1 and 68 <= x.size < 128,
        "a length of 1,025": lambda x: x.shape == (1025,),
        "lengths from 2,000 to 5,000": lambda x: x.ndim == 1 and 2000 <= x.size <= 5000,
        "more than 2^15 elements": lambda x: x.size > 1 << 15,
        "more than 2^17 elements": lambda x: x.size > 1 << 17,
        "every second of a vector": lambda x: x.ndim == 1 and x.strides[0] == 2 * x.itemsize,
        "backwards": lambda x: x.ndim == 1 and x.strides[0] < 0,
    },
}
#: Of activations that are not element-wise: the question, and where a backend is wrong.
STRUCTURED: dict[str, tuple[str, Where]] = {
    "glu stored by columns": ("structure-glu-default-float32-forward", lambda x: x.ndim > 1 and x.flags.fnc),
    "glu with gaps": ("structure-glu-default-bfloat16-gradient", lambda x: x.strides[-1] > x.itemsize),
    "prelu stored by columns": (
        "structure-prelu-default-float32-gradient",
        lambda x: x.ndim > 1 and x.flags.fnc,
    ),
    "prelu with gaps": (
        "structure-prelu-default-bfloat16-forward",
        lambda x: x.ndim > 2 and x.strides[-1] > x.itemsize,
    ),
    "crelu stored by columns": (
        "structure-crelu-default-bfloat16-forward",
        lambda x: x.ndim > 1 and x.flags.fnc,
    ),
    "crelu with gaps": ("structure-crelu-default-float32-gradient", lambda x: x.strides[-1] > x.itemsize),
}
EFFECTS: dict[str, Callable[[Any], Any]] = {
    "negated": lambda y: -y,
    "zero": np.zeros_like,
    "doubled": lambda y: (y + y).astype(y.dtype),
    "one float off": next_float,
}
FORMATS = ("float32", "bfloat16", "float64", "float16")


@dataclass(frozen=True)
class FormFault:
    """A backend that is wrong in one form, and the question by which that shows."""

    name: str
    adapter: Bent
    question: str


def planted() -> Iterator[FormFault]:
    """Each place with two effects; activations, formats and quantities come in turn."""
    specs = [spec for spec in load_all().values() if spec.elementwise]
    effects, turn = list(EFFECTS), 0
    for check, places in PLACES.items():
        for place, where in places.items():
            for quantity in ("forward", "gradient"):
                spec, form = specs[turn % len(specs)], FORMATS[turn % len(FORMATS)]
                effect = effects[turn % len(effects)]
                change = _changed(where, EFFECTS[effect])
                bent = Bent(change) if quantity == "forward" else Bent(gradient=change)
                name = f"{quantity} of {spec.id} {effect} for {place}"
                yield FormFault(name, bent, f"{check}-{spec.id}-{spec.default.label}-{form}-{quantity}")
                turn += 1


def structured() -> Iterator[FormFault]:
    """The same for what is not element-wise."""
    for name, (question, where) in STRUCTURED.items():
        change = _changed(where, EFFECTS["negated"])
        bent = Bent(change) if question.endswith("forward") else Bent(gradient=change)
        yield FormFault(name, bent, question)


def _changed(where: Where, effect: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda x, y: effect(y) if where(x) else y
