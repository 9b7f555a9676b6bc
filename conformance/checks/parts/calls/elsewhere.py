"""The same call once more, from another thread, while gradients are recorded, and into given memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import BackendLostError
from actcheck.conformance.backends.asker import (
    Asker,
    FaultError,
    Refusal,
    UnsupportedError,
    answered,
    calling,
    formed,
    tried,
)
from actcheck.conformance.checks.parts.calls.in_slices import apart, untouched
from actcheck.conformance.checks.parts.calls.slots import SLOTS, Slot
from actcheck.conformance.checks.parts.shared.bit_comparison import BitComparison
from actcheck.conformance.model import Context, Fault
from actcheck.reference.formats import FORMATS

Array = NDArray[Any]
_STATE = "the result depends on something else than the input: look for state, or another formula"


def elsewhere(asker: Asker, x: Array) -> Iterator[Fault]:
    """The faults of calls that should give the bits of a plain one."""
    wanted = asker.forward(x)
    for what, call in CALLS.items():
        try:
            with calling(f"a call {what}"):
                y = call(asker, x)
        except UnsupportedError:
            continue
        except FaultError as error:
            told = error.fault.message.removeprefix(f"{error.fault.what}: ")
            kind = f"{error.fault.what}:{what.replace(' ', '_')}"
            yield Fault(kind, f"{kind}: {told}")
            continue
        yield from compared(asker, f"differs:{what.replace(' ', '_')}", (x, y, wanted), what, _STATE)


def compared(
    asker: Asker, what: str, values: tuple[Array, Array, Array], place: str, advice: str
) -> Iterator[Fault]:
    """The faults of results that are not those of a plain call."""
    x, y, wanted = (v.ravel() for v in values)
    found = BitComparison(what, x, y, wanted, lambda _: place, "in a plain call", advice)
    yield from found.faults(FORMATS[asker.question.format])


def _recorded(asker: Asker, x: Array) -> Array:
    question = asker.question
    return formed(x, asker.adapter.recorded(question.activation, x, question.variant.parameters))


def _in_thread(asker: Asker, x: Array) -> Array:
    """The result of a call from a thread that has called nothing before. Raises what the call raises."""
    found: list[Array] = []
    raised: list[BaseException] = []

    def call() -> None:
        try:
            with np.errstate(all="ignore"):
                found.append(asker.forward(x))
        except (Exception, BackendLostError) as error:  # for the thread that waits
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
    return found[0]


CALLS: Mapping[str, Callable[[Asker, Array], Array]] = {
    "again": Asker.forward,
    "from another thread": _in_thread,
    "while gradients are recorded": _recorded,
}


def written(asker: Asker, context: Context, slots: Iterator[Slot], x: Array) -> Iterator[Fault]:
    """The faults of results written into parts of arrays. Raises UnsupportedError where none can be."""
    random = np.random.default_rng([context.seed, x.size])
    for slot in slots:
        base = slot.filled(x, random)
        values = np.array(base[slot.index], order="C")
        base[slot.index] = 1
        try:
            with calling(f"a call with the {slot.name} as out"):
                after = formed(base, _out(asker, values, base, slot))
        except UnsupportedError:
            continue
        yield from untouched(slot, base, after, "beside:out")
        found, plain = after[slot.index], asker.forward(values)
        yield from apart(asker, context, "out", (values, values), found, plain, f"the {slot.name} as out")
    yield from _too_small(asker, x, random)


def _too_small(asker: Asker, x: Array, random: np.random.Generator) -> Iterator[Fault]:
    """An out argument of another shape is refused, or what lies beside it stays."""
    slot = SLOTS[0]
    base = slot.filled(x, random)
    more = np.resize(x, int(np.prod(slot.shape)) + 3)
    after = tried(partial(_out, asker, more, base, slot))
    if not isinstance(after, Refusal):
        yield from untouched(slot, base, formed(base, after), "beside:small_out")


def _out(asker: Asker, x: Array, base: Array, slot: Slot) -> Array:
    question = asker.question
    name, parameters = question.activation, question.variant.parameters
    return answered(asker.adapter.write_out(name, x, base, slot.index, parameters))
