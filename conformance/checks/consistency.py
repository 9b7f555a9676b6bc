"""`consistency`: the same input gives the same bits, wherever it stands and however often it is asked.

A kernel has a vector body and a tail, a path for contiguous and one for strided arrays, and splits large
arrays among threads. Where these are written apart they give different results, so that a value depends on
the shape of the batch it came in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter
from actcheck.conformance.backends.asker import Asker, FaultError, UnsupportedError, told_as
from actcheck.conformance.checks.parts.normalizing.places import row_places
from actcheck.conformance.checks.parts.shared import few_shapes
from actcheck.conformance.checks.parts.shared.bit_comparison import BitComparison, probes
from actcheck.conformance.checks.parts.shared.everywhere import QUANTITIES, everywhere, thinned, turn
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
LENGTHS = range(1, 68)
#: Each once: around powers of two, and up to what no kernel computes in one go.
LONGER = (100, 127, 129, 255, 257, 511, 513, 1000, 1023, 1025, 2047, 2049, 4000)
_LARGE = ((1 << 15) + 1, (1 << 16) - 1, (1 << 17) + 3)
LONGEST: dict[Level, tuple[int, ...]] = {
    "quick": _LARGE,
    "full": (*_LARGE, (1 << 20) + 3),
    "exhaustive": (*_LARGE, (1 << 20) + 3),
}
#: Arrays of each length: at random places of the inputs, so that each input comes in bodies and in tails.
ROUNDS: dict[Level, int] = {"quick": 2, "full": 12, "exhaustive": 12}
#: How many arrays of each length are asked where shapes are dear.
FEW = Counter({length: 4 * -(-240 // length) if length > 1 else 12 for length in few_shapes.LENGTHS})
#: Multiples of this have no tail.
_BODY = 128
OFFSETS = range(1, 16)
#: More than any framework computes with one thread.
_SPLIT = 1 << 16
THREADS = (2, 3)
_KERNELS = "the vector body and the tail of a kernel compute differently: give both the same formula"
_LAYOUTS = "the paths for contiguous and for strided arrays compute differently: give both the same formula"
_CONTIGUOUS = "in the body of a contiguous array"


class Consistency:
    """Lengths, offsets, strides, threads and repetitions, compared with one contiguous array."""

    name = "consistency"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Every quantity of the defaults in every format; beyond quick, of every variant."""
        return everywhere(self.name, spec, level)

    def answer(self, question: Question, context: Context) -> Answer:
        """Ask the same inputs in other places, and compare."""
        if question.spec.kind == "normalizing":
            return row_places(question, context)
        asker, inputs = Asker.of(question, context), probes(question, context.seed)
        body = asker.block or _BODY
        x = np.resize(inputs, -(-len(inputs) // body) * body)
        base = asker.results(x)
        faults: list[Fault] = []
        asked = len(x)
        for compare in _comparisons(asker, context, x, base):
            try:
                found = compare()
            except FaultError as error:
                faults.append(error.fault)
                continue
            if found:
                faults += [*found.wrong(question, context.profile), *found.faults(FORMATS[question.format])]
                asked += len(found.x)
        notes = few_shapes.left_out(f"all lengths but {_told(FEW)}") if context.few_shapes else {}
        return Finding(tuple(faults), points=asked, notes=notes)


def _comparisons(
    asker: Asker, context: Context, x: Array, base: Array
) -> Iterator[Callable[[], BitComparison | None]]:
    again = (
        "the result of a call depends on something else than its input: look for state or unwritten memory"
    )
    offsets = {f"{first} elements into a buffer": _with_offset(x, first) for first in OFFSETS}
    for what, values, advice in (
        ("runs", {"when asked again": x}, again),
        ("offset", offsets, _KERNELS),
        ("strided", _strided(x), _LAYOUTS),
    ):
        yield partial(_of_layouts, asker, what, values, base, advice)
    question = asker.question
    lengths = tuple(FEW.elements()) if context.few_shapes else lengths_of(question, context.level)
    yield partial(_of_lengths, asker, context.seed, lengths, x, base)
    if context.level != "quick" or not (thinned(question, "quick") or question.quantity == QUANTITIES[-1]):
        yield partial(_threads, asker, x)


def lengths_of(question: Question, level: Level) -> tuple[int, ...]:
    """The lengths of the arrays that a question asks; those of kernels' tails in many places."""
    longest = LONGEST[level]
    if level == "quick":
        # The formats and quantities share them.
        first = turn(question) + QUANTITIES.index(question.quantity)
        longest = (longest[first % len(longest)],)
    if thinned(question, level):
        return (*LENGTHS, *LONGER, longest[0])
    return (*np.repeat(LENGTHS, ROUNDS[level]).tolist(), *LONGER, *longest)


def _told(lengths: Iterable[int]) -> str:
    *first, last = map(str, lengths)
    return f"{', '.join(first)} and {last}"


def _results(asker: Asker, x: Array, where: str) -> Array:
    try:
        with told_as(lambda fault: Fault("form", f"form: {where}: {fault.message}")):
            return asker.results(x)
    except UnsupportedError as error:
        raise ValueError(f"answered before, but not {where}: {error}") from error


def _of_layouts(
    asker: Asker, what: str, values: Mapping[str, Array], base: Array, advice: str
) -> BitComparison:
    """The same inputs laid out in other ways, by their names."""
    results = [_results(asker, x, name) for name, x in values.items()]
    names, count = list(values), len(base)
    return BitComparison(
        f"differs:{what}",
        np.concatenate([*values.values()]),
        np.concatenate(results),
        np.tile(base, len(names)),
        lambda index: names[index // count],
        _CONTIGUOUS,
        advice,
    )


def _of_lengths(asker: Asker, seed: int, lengths: Sequence[int], x: Array, base: Array) -> BitComparison:
    random = np.random.default_rng([seed, len(x)])
    at, results = [], []
    for length in lengths:
        indices = (np.arange(length) + int(random.integers(0, len(x)))) % len(x)
        results.append(_results(asker, x[indices], f"in an array of length {length}"))
        at.append(indices)
    of, slots = np.repeat(lengths, lengths), np.concatenate([np.arange(n) for n in lengths])
    where = np.concatenate(at)

    def place(index: int) -> str:
        return f"at place {slots[index]} of an array of length {of[index]}"

    def told(hit: Array) -> str:
        seen = np.unique(of[hit])
        return f", the shortest array of {seen[0]}, {len(seen)} of {len(np.unique(of))} lengths in all"

    y = np.concatenate(results)
    return BitComparison("differs:length", x[where], y, base[where], place, _CONTIGUOUS, _KERNELS, told)


def _with_offset(x: Array, first: int) -> Array:
    buffer = np.zeros(len(x) + first, x.dtype)
    buffer[first:] = x
    return buffer[first:]


def _strided(x: Array) -> dict[str, Array]:
    """The inputs in other strides; backends without negative strides make copies of the second."""
    pairs, columns = np.zeros(2 * len(x), x.dtype), np.zeros((len(x), 3), x.dtype)
    pairs[::2], columns[:, 1] = x, x
    return {
        "as every second element": pairs[::2],
        "in reversed memory": x[::-1].copy()[::-1],
        "as a column of a matrix": columns[:, 1],
    }


def _threads(asker: Asker, x: Array) -> BitComparison | None:
    """One thread against more, where the backend can choose."""
    adapter = asker.adapter
    before = _threads_of(adapter)
    if not adapter.use_threads(1):
        return None
    large = np.resize(x, _SPLIT + 1)
    try:
        one = _results(asker, large, "with one thread")
        more = [_with_threads(asker, count, large) for count in THREADS]
    finally:
        adapter.use_threads(before)
    return BitComparison(
        "differs:threads",
        np.tile(large, len(THREADS)),
        np.concatenate(more),
        np.tile(one, len(THREADS)),
        lambda index: f"with {THREADS[index // len(large)]} threads",
        "with one",
        "results depend on where the work is split: let every part have the same formula",
    )


def _with_threads(asker: Asker, count: int, x: Array) -> Array:
    asker.adapter.use_threads(count)
    return _results(asker, x, f"with {count} threads")


def _threads_of(adapter: Adapter) -> int:
    told = adapter.describe().details.get("threads", "1")
    return int(told) if told.isdigit() else 1
