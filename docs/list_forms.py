"""Writes docs/forms.md from the code: ``python docs/list_forms.py``; ``--check`` compares it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from actcheck.conformance.checks import CHECKS
from actcheck.conformance.checks.consistency import LENGTHS, LONGER, LONGEST, OFFSETS, ROUNDS
from actcheck.conformance.checks.parts.attention.table import FACTORS
from actcheck.conformance.checks.parts.calls.elsewhere import CALLS
from actcheck.conformance.checks.parts.calls.slots import SLOTS
from actcheck.conformance.checks.parts.modules.states import STATES
from actcheck.conformance.checks.parts.shared.forms import FORMS, LENGTH
from actcheck.conformance.checks.parts.structure.cases import EMPTY, SHAPES
from actcheck.conformance.checks.parts.structure.layouts import LAYOUTS
from actcheck.conformance.checks.parts.upstreams.ways import WAYS
from actcheck.conformance.model import LEVELS
from actcheck.reference.specification.loading import load_all

PAGE = Path(__file__).with_name("forms.md")
_TOP = """# Forms

A form is a way of calling that must not change a result. What is proven of an activation is proven of plain
arrays: one-dimensional and contiguous. `shapes` and `consistency` put the same inputs in other forms, compare
each result with the plain array's bit for bit, and hold what differs against the exact value, as `accuracy`
does. `randomness` asks rrelu's training form in the same forms, and `structure` what is not element-wise in
every shape and dimension, each in layouts of its own. The forms are data: a new one is an entry in
`conformance/checks/parts/shared/forms.py` or in `conformance/checks/parts/structure/layouts.py`.
`python docs/list_forms.py` makes this page from the code.
"""


def page() -> str:
    """The page, whole."""
    return "\n".join(
        [_TOP, *_layouts(), "", *_structured(), "", *_lengths(), "", *_others(), "", *_questions(), ""]
    )


def _layouts() -> Iterator[str]:
    yield f"## Layouts, asked by `shapes`: each of every {LENGTH} inputs\n"
    yield "| form | shape | strides, in elements |"
    yield "|---|---|---|"
    seen = set()
    for form in FORMS:
        array = form.build(np.arange(LENGTH))
        if form.name not in seen:
            strides = ", ".join(str(s // array.itemsize) for s in array.strides)
            yield f"| {form.name} | {'x'.join(map(str, array.shape)) or 'a number'} | {strides} |"
        seen.add(form.name)


def _structured() -> Iterator[str]:
    yield "## Shapes and layouts, asked by `structure`\n"
    shapes = ("x".join(map(str, shape)) or "a number" for shape in (*SHAPES, *EMPTY))
    yield f"Shapes, along each of their dimensions: {', '.join(shapes)}.\n"
    yield f"Layouts: {'; '.join(layout.name for layout in LAYOUTS)}."


def _lengths() -> Iterator[str]:
    yield "## Lengths, offsets, strides, threads and runs, asked by `consistency`\n"
    yield "| level | lengths | offsets into a buffer, in elements |"
    yield "|---|---|---|"
    offsets = f"{OFFSETS[0]} to {OFFSETS[-1]}"
    for level in LEVELS:
        short = f"{LENGTHS[0]} to {LENGTHS[-1]} at {ROUNDS[level]} places each"
        longer = ", ".join(f"{n:,}" for n in (*LONGER, *LONGEST[level]))
        yield f"| {level} | {short}; {longer} | {offsets} |"
    yield (
        "\nBeside them every second element, a column of a matrix, reversed memory, two threads and three,\n"
        "once more. At quick formats and quantities share the longest; a variant has each once."
    )


def _others() -> Iterator[str]:
    yield "## Other ways of calling\n"
    slots = "; ".join(slot.name for slot in SLOTS)
    yield f"- `in_place`, and `out` in `module_form`, write into parts of arrays: {slots}."
    yield f"- `module_form` calls the function {', '.join(CALLS)}."
    yield f"- `module_form` calls modules in these states: {', '.join(STATES)}."
    for quantity, ways in WAYS.items():
        told, name = ", ".join(way.words for way in ways), quantity.replace("_", " ")
        yield f"- `accuracy` of the {name} asks upstreams of every size and layout: {told}."
    yield "- `attention` asks calls in which every two of these meet, for all variants and formats:"
    for name, levels in FACTORS.items():
        yield f"    - {name.replace('_', ' ')}: {'; '.join(map(_level, levels))}"


def _level(level: object) -> str:
    return " by ".join(map(str, level)) if isinstance(level, tuple) else str(level)


def _questions() -> Iterator[str]:
    yield "## Questions by check and level\n"
    yield f"| check | {' | '.join(LEVELS)} | formats | quantities |"
    yield f"|---|{'---|' * len(LEVELS)}---|---|"
    specs = load_all().values()
    for check in CHECKS:
        asked = {level: [q for spec in specs for q in check.questions(spec, level)] for level in LEVELS}
        counts = " | ".join(f"{len(asked[level]):,}" for level in LEVELS)
        named = (dict.fromkeys(getattr(q, n) for q in asked["full"]) for n in ("format", "quantity"))
        yield f"| `{check.name}` | {counts} | {' | '.join(', '.join(names) for names in named)} |"


def main() -> int:
    """Write the page, or compare it. Returns 1 where it is not what the code says."""
    made = page()
    if "--check" in sys.argv:
        return int(PAGE.read_text("utf-8") != made)
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
