"""A module in every state that users bring it into: each gives the bits of the function with its weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Module
from actcheck.conformance.backends.asker import Asker, FaultError, UnsupportedError, answered, calling
from actcheck.conformance.checks.parts.calls.elsewhere import compared
from actcheck.conformance.model import Fault, Question

Array = NDArray[Any]
Weights = Mapping[str, Array]
_ADVICE = "a module must take all that it computes with along"


def _evaluated(module: Module, question: Question) -> Module:
    return answered(answered(module.training(True)).training(False))


def _training(module: Module, question: Question) -> Module:
    if question.spec.kind == "random":
        raise UnsupportedError("its results in training are random")
    return answered(module.training(True))


def _converted(module: Module, question: Question) -> Module:
    other = "float32" if question.format == "float64" else "float64"
    return answered(answered(module.converted(other)).converted(question.format))


#: What is done with a module before it is called. A new state is one entry.
STATES: Mapping[str, Callable[[Module, Question], Module]] = {
    "as it is": lambda module, question: module,
    "pickled": lambda module, question: answered(module.pickled()),
    "copied": lambda module, question: answered(module.copied()),
    "pickled and copied": lambda module, question: answered(answered(module.pickled()).copied()),
    "training": _training,
    "evaluation": _evaluated,
    "converted": _converted,
}


@dataclass(frozen=True)
class Loaded:
    """A module that was given weights, and what the function gives with them."""

    asker: Asker
    module: Module
    weights: Weights
    x: Array
    wanted: Array


def in_states(loaded: Loaded) -> Iterator[Fault]:
    """The faults of each state; those that the backend does not have are left out."""
    made: dict[str, Module] = {}
    for name, bring in STATES.items():
        with _told(name) as faults:
            made[name] = bring(loaded.module, loaded.asker.question)
            faults.extend(_of_state(loaded, name, made[name]))
        yield from faults
    if loaded.weights and "copied" in made:
        yield from _apart(loaded, made["copied"])


def _of_state(loaded: Loaded, name: str, module: Module) -> Iterator[Fault]:
    """Weights and results of a module in a state."""
    what = name.replace(" ", "_")
    yield from weights_differ(f"state:{what}", name, loaded.weights, module)
    asker = loaded.asker
    y = np.asarray(asker.adapter.to_host(answered(module(asker.adapter.to_backend(loaded.x)))))
    if (y.shape, y.dtype) != (loaded.wanted.shape, loaded.wanted.dtype):
        told = f"{y.dtype} of shape {y.shape}, expected {loaded.wanted.dtype} of shape {loaded.wanted.shape}"
        yield Fault(f"wrong_format:{what}", f"wrong_format:{what}: the module, {name}, returned {told}")
        return
    x = loaded.x if loaded.x.shape == y.shape else np.zeros_like(y)
    found = x, y, loaded.wanted
    yield from compared(asker, f"differs:{what}", found, f"by the module, {name}", _ADVICE)


def weights_differ(what: str, state: str, wanted: Weights, module: Module) -> Iterator[Fault]:
    """A fault where a module's weights are not these, bit for bit."""
    found = answered(module.state())
    wrong = sorted({*found} ^ {*wanted})
    wrong += [n for n, w in wanted.items() if n in found and not _same(w, found[n])]
    if wrong:
        told = f"the state of the module, {state}, has other weights than were loaded: {', '.join(wrong)}"
        yield Fault(what, f"{what}: {told}")


def _same(a: Array, b: Array) -> bool:
    return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())


def _apart(loaded: Loaded, copy: Module) -> Iterator[Fault]:
    """A copy stays as it is when the module gets other weights. Leaves the module with those."""
    with _told("shared") as faults:
        answered(loaded.module.load({n: np.zeros_like(w) for n, w in loaded.weights.items()}))
        faults.extend(weights_differ("state:shared", "copied before", loaded.weights, copy))
    yield from faults


@contextmanager
def _told(name: str) -> Iterator[list[Fault]]:
    """Collects the faults of a state: what raises is one, what is lacking is none."""
    faults: list[Fault] = []
    try:
        with calling(f"the module, {name},"):
            yield faults
    except UnsupportedError:
        return
    except FaultError as error:
        what = f"{error.fault.what}:{name.replace(' ', '_')}"
        told = error.fault.message.removeprefix(f"{error.fault.what}: ")
        faults.append(Fault(what, f"{what}: {told}"))
