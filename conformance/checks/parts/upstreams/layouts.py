"""Layouts of x and of what it is multiplied by: each alone, both alike, and each with another."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker
from actcheck.conformance.checks.parts.shared import few_shapes
from actcheck.conformance.checks.parts.shared.everywhere import turn
from actcheck.conformance.checks.parts.shared.forms import FORMS, LENGTH, Form
from actcheck.conformance.checks.parts.upstreams.products import Asked
from actcheck.conformance.checks.parts.upstreams.ways import Way
from actcheck.conformance.model import Context, Question
from actcheck.reference.formats import FORMATS

Array = NDArray[Any]
#: So much smaller is the share of the pairs that ways beside the gradient get.
_FEW = 5


@dataclass(frozen=True)
class Pair:
    """The layout of x, and that of the factor; of one shape."""

    x: Form
    factor: Form

    @property
    def name(self) -> str:
        """In words."""
        return f"x in the {self.x.name} and the factor in the {self.factor.name} array"


def misread(asker: Asker, way: Way, pair: Pair, plain: Asked) -> Asked:
    """The products of a pair of layouts that are not those of plain arrays with the same numbers."""
    x, factor = pair.x.build(plain.x[:LENGTH]), pair.factor.build(plain.factor[:LENGTH])
    y = way.ask(asker, x, factor).ravel()
    if np.array_equal(pair.x.places, pair.factor.places):
        wanted = plain.y[:LENGTH][pair.x.places]
    else:
        wanted = way.ask(asker, x.ravel(), factor.ravel())
    flat = x.ravel(), factor.ravel()
    return Asked(*flat, y, pair.name).unless(FORMATS[asker.question.format], Asked(*flat, wanted))


def pairs(question: Question, context: Context, way: Way) -> tuple[Pair, ...]:
    """All pairs, or those of a few shapes; at quick a share, so that the formats of an activation, and the
    activations of a format, have them all between them. Ways and variants that share the code of another get
    less.
    """
    everything = _all()
    if context.few_shapes:
        everything = tuple(pair for pair in everything if pair.x.shape in few_shapes.PAIRED)
    if context.level != "quick":
        return everything
    whole = question.quantity == "gradient" and way.main and question.variant.kind == "default"
    share = len(FORMATS) * (1 if whole else _FEW)
    first = turn(question) + zlib.crc32(question.activation.encode())
    return everything[first % share :: share]


@cache
def _all() -> tuple[Pair, ...]:
    shapes: dict[tuple[int, ...], dict[str, Form]] = {}
    for form in FORMS:
        shapes.setdefault(form.shape, {}).setdefault(form.name, form)
    return tuple(pair for shape, forms in shapes.items() for pair in _of_shape(shape, [*forms.values()]))


def _of_shape(shape: tuple[int, ...], forms: list[Form]) -> Iterator[Pair]:
    """Each with the next, both alike, and with a plain array for x."""
    plain = Form("plain", lambda x: x[: int(np.prod(shape))].reshape(shape))
    for form, following in zip(forms, [*forms[1:], forms[0]], strict=True):
        yield Pair(form, following)
        if len(forms) > 1:
            yield from (Pair(form, form), Pair(plain, form))
