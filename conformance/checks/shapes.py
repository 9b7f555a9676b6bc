"""`shapes`: arrays of any rank and layout give a result of their shape, the bits of a contiguous copy's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker, FaultError, calling, told_as
from actcheck.conformance.checks.parts.shared.bit_comparison import BitComparison, everywhere, probes
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
#: Elements of most arrays: 2 * 3 * 4 * 5 * 2.
_SIZE = 240
_ADVICE = "the layout must not decide which formula is used, nor in which order memory is read"


class Shapes:
    """Every rank from 0 to 5; empty, transposed, strided, reversed, expanded, channels last."""

    name = "shapes"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Forward and gradient in every format; beyond quick, of every variant."""
        return everywhere(self.name, spec, level)

    def answer(self, question: Question, context: Context) -> Answer:
        """Ask each layout and a contiguous copy of it."""
        asker, values = Asker.of(question, context), probes(question, context.seed)
        random = np.random.default_rng([context.seed, _SIZE])
        values = random.permutation(np.resize(values, max(_SIZE, len(values))))
        faults: list[Fault] = []
        parts: list[tuple[str, Array, Array, Array]] = []
        asked = 0
        for name, view in layouts(values):
            try:
                of_view, of_copy = _results(asker, name, view)
            except FaultError as error:
                faults += [error.fault] if error.fault.what not in {f.what for f in faults} else []
                continue
            parts.append((name, view.ravel(), of_view.ravel(), of_copy.ravel()))
            asked += view.size
        return Finding((*faults, *_differences(question, parts)), points=asked)


def layouts(values: Array) -> Iterator[tuple[str, Array]]:
    """Views by name; all values come in each of the larger ones, or in several."""
    for at in range(12):
        yield "0-d", values[at].reshape(())
    yield "one element", values[12:13].reshape(1, 1, 1)
    yield "empty", values[:0]
    yield "empty in the middle", values[:0].reshape(2, 0, 3)
    for start in range(0, len(values) - _SIZE + 1, _SIZE):
        some = values[start : start + _SIZE]
        yield "5-d", some.reshape(2, 3, 4, 5, 2)
        yield "transposed", some.reshape(12, 20).T
        yield "channels last", _channels_last(some.reshape(2, 4, 5, 6))
        yield "reversed", some[::-1]
        yield "strided", np.repeat(some, 2)[::2]
        yield "strided rows", np.concatenate([some, some]).reshape(20, 24)[:, 1::2]
        yield "expanded", np.broadcast_to(some[:20], (12, 20))
        yield "not aligned", np.concatenate([some[:3], some])[3:]


def _channels_last(x: Array) -> Array:
    """The same array with dimension 1 stored last."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


def _results(asker: Asker, name: str, view: Array) -> tuple[Array, Array]:
    """Results of the view and of its copy. Raises UnsupportedError, and FaultError with the layout in it."""
    found = []
    copy, tag = np.array(view, order="C", copy=True), f":{name.replace(' ', '_')}"
    for kind, tagged, x in (("contiguous copy of the ", "", copy), ("", tag, view)):
        with told_as(partial(_of_layout, name, view, tagged)), calling(f"a call with the {kind}{name} array"):
            found.append(asker.results(x))
    of_copy, of_view = found
    return of_view, of_copy


def _of_layout(name: str, view: Array, tag: str, fault: Fault) -> Fault:
    what = f"{fault.what}{tag}"
    return Fault(what, f"{what}: {name} array of shape {view.shape}: {fault.message}")


def _differences(question: Question, parts: list[tuple[str, Array, Array, Array]]) -> Iterator[Fault]:
    """All layouts together, as one fault for numbers and one for NaNs."""
    if not parts:
        return
    names = [name for name, x, _, _ in parts for _ in range(x.size)]
    x, y, of_copy = (np.concatenate([part[k] for part in parts]) for k in (1, 2, 3))

    def place(index: int) -> str:
        return f"in the {names[index]} array"

    yield from BitComparison(
        "differs:layout", x, y, of_copy, place, "in a contiguous copy of it", _ADVICE
    ).faults(FORMATS[question.format])
