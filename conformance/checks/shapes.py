"""`shapes`: an array of any rank and layout gives the right results, those of a plain array bit for bit.

What is proven elsewhere is proven of plain arrays: one-dimensional, contiguous. Here the same inputs come in
every form. Each result is compared with the plain array's; where it is another, the exact value decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker, FaultError, calling, told_as
from actcheck.conformance.checks.parts.normalizing.layouts import row_forms
from actcheck.conformance.checks.parts.shared import few_shapes
from actcheck.conformance.checks.parts.shared.bit_comparison import BitComparison, probes
from actcheck.conformance.checks.parts.shared.everywhere import everywhere, thinned
from actcheck.conformance.checks.parts.shared.forms import FORMS, LENGTH, Form
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
_ADVICE = "the layout must not decide which formula is used, nor in which order memory is read"


class Shapes:
    """Ranks from 0 to 6; empty, transposed, strided, reversed, expanded, channels last, gaps and offsets."""

    name = "shapes"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Every quantity of the defaults in every format; beyond quick, of every variant."""
        return everywhere(self.name, spec, level)

    def answer(self, question: Question, context: Context) -> Answer:
        """Ask each form of arrays that hold all inputs; compare what comes back with one plain array."""
        if question.spec.kind == "normalizing":
            return row_forms(question, context)
        asker, faults = Asker.of(question, context), list[Fault]()
        asked: list[tuple[Form, Array, Array, Array]] = []
        layouts: dict[str, str] = {}
        values = _inputs(question, context)
        plain_results = asker.results(values) if not context.few_shapes else _by_parts(asker, values)
        parts = zip(_parts(values), _parts(plain_results), strict=True)
        for x, plain in islice(parts, 1 if thinned(question, context.level) else None):
            for form in forms_of(context):
                view = form.build(x)
                try:
                    with (
                        told_as(partial(_of_form, form, view)),
                        calling(f"a call with the {form.name} array"),
                    ):
                        y = asker.results(view)
                except FaultError as error:
                    faults += [error.fault] if error.fault.what not in {f.what for f in faults} else []
                    continue
                if form.stored_otherwise:
                    layouts[form.name] = "that of the input" if y.strides == view.strides else "another"
                asked.append((form, view.ravel(), y.ravel(), plain[form.places]))
        if asked:
            compared = _compared(asked)
            faults += [*compared.wrong(question, context.profile), *compared.faults(FORMATS[question.format])]
        points = sum(len(x) for _, x, _, _ in asked)
        notes: dict[str, Any] = few_shapes.left_out("forms of other shapes") if context.few_shapes else {}
        notes |= {"layout of results": layouts} if layouts else {}
        return Finding(tuple(faults), points=points, notes=notes)


def forms_of(context: Context) -> Sequence[Form]:
    """The forms that are asked: all, or those of a few shapes."""
    return FORMS if not context.few_shapes else [f for f in FORMS if f.shape in few_shapes.SHAPES]


def _inputs(question: Question, context: Context) -> Array:
    """Inputs of every size by chance, a multiple of `LENGTH`, the first ones twice; no form has so many."""
    values = probes(question, context.seed)
    values = np.random.default_rng([context.seed, LENGTH]).permutation(values)
    return np.resize(values, max(2, -(-len(values) // LENGTH)) * LENGTH)


def _parts(values: Array) -> Iterator[Array]:
    return iter(values.reshape(-1, LENGTH))


def _by_parts(asker: Asker, values: Array) -> Array:
    """The results of plain arrays, one of the shape of a form for each part."""
    return np.concatenate([asker.results(part.copy()) for part in _parts(values)])


def _of_form(form: Form, view: Array, fault: Fault) -> Fault:
    what = f"{fault.what}:{form.name.replace(' ', '_')}"
    return Fault(what, f"{what}: {form.name} array of shape {view.shape}: {fault.message}")


def _compared(asked: Sequence[tuple[Form, Array, Array, Array]]) -> BitComparison:
    """Inputs of all forms with their results, beside those of the plain array."""
    names = [form.name for form, x, _, _ in asked for _ in range(len(x))]
    x, y, plain = (np.concatenate([one[k] for one in asked]) for k in (1, 2, 3))

    def place(index: int) -> str:
        return f"in the {names[index]} array"

    return BitComparison("differs:layout", x, y, plain, place, "in a plain one", _ADVICE)
