"""Finite upstreams of the gradient, in layouts that a kernel may misread.

A backend that reads an upstream in the order of its memory, or as if it were contiguous, multiplies the
right slopes with the wrong numbers; an upstream of ones does not show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker, FaultError, UnsupportedError, calling
from actcheck.conformance.judging import grading
from actcheck.conformance.judging.findings import class_faults, error_faults
from actcheck.conformance.model import Context, Fault, Question
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.points import Points
from actcheck.reference.specification.binding import bind

Array = NDArray[Any]
#: Rows and columns by the format's width, no multiples of a vector's length.
_SHAPES = {16: (41, 67), 32: (19, 37), 64: (5, 11)}
_SPREAD = 3.0


def faults(question: Question, context: Context) -> Iterator[Fault]:
    """One for each layout, named after it; none where the backend has no gradient."""
    asker = Asker.of(question, context)
    x, upstreams = drawn(FORMATS[question.format], context.seed)
    contiguous: Array | None = None
    for layout, upstream in upstreams.items():
        try:
            with calling(f"a gradient with a {layout} upstream"):
                y = asker.gradient(x, upstream)
        except UnsupportedError:
            return
        except FaultError as error:
            what = f"upstream:{layout}"
            yield Fault(what, f"{what}: {error}")
            continue
        # The numbers are those of the contiguous upstream: equal results are judged once.
        if layout in _SAME and contiguous is not None and np.array_equal(y, contiguous, equal_nan=True):
            continue
        contiguous = y if layout == "random" else contiguous
        yield from _judged(question, context, layout, x, y, upstream)


#: What a message says of each layout.
_WORDS = {
    "random": "random numbers",
    "permuted": "the random numbers, stored by columns",
    "strided": "the random numbers, some rows and columns of a larger array",
    "expanded": "one row for all rows, with stride 0",
}
#: Layouts that hold the numbers of the random one, and what follows if they fail.
_SAME = ("permuted", "strided")
_OTHER = "; stored contiguously, the same numbers give another result"


def drawn(form: Format, seed: int) -> tuple[Array, Mapping[str, Array]]:
    """Inputs around 0 in rows and columns, and upstreams of either sign and sizes from 1/2 to 2."""
    shape = _SHAPES[form.bits]
    random = np.random.default_rng([seed, form.bits])
    x = random.normal(0, _SPREAD, shape).astype(form.dtype)
    numbers = (random.choice([-1.0, 1.0], shape) * random.uniform(0.5, 2, shape)).astype(form.dtype)
    wide = np.zeros((2 * shape[0], 3 * shape[1]), form.dtype)
    wide[::2, ::3] = numbers
    return x, {
        "random": numbers,
        "permuted": np.asfortranarray(numbers),
        "strided": wide[::2, ::3],
        "expanded": np.broadcast_to(numbers[:1], shape),
    }


def _judged(
    question: Question, context: Context, layout: str, x: Array, y: Array, upstream: Array
) -> Iterator[Fault]:
    bound, form = bind(question.spec, question.variant), FORMATS[question.format]
    points = Points.of(bound, "gradient", form, x, y, upstream.astype(np.float64))
    allowed = grading.tolerance(question.spec, "gradient", form.name).rounded_again()
    told = f"upstream:{layout} ({_WORDS[layout]})"
    after = _OTHER if layout in _SAME else ""
    # A verdict looks closely at the largest errors, for which there is no need without a fault.
    classes = any(hit.any() for hit in points.classes.values())
    wrong = [*class_faults(points.verdict(), points)] if classes else []
    beyond = error_faults(context.profile, points, allowed)
    for found, size in ((wrong, None), (beyond, beyond[0].size if beyond else None)):
        if found:
            spans = tuple(span for fault in found for span in fault.inputs)
            yield Fault(f"upstream:{layout}", f"{told}: {found[0].message}{after}", size, spans)
