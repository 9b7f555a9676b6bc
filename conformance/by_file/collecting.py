"""Which inputs the checks ask for: they are put to a backend that answers rightly and writes them down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from actcheck.adapters.base import Adapter, Array, Description, Function, Parameters, Unsupported
from actcheck.adapters.by_file.lookup import patterns
from actcheck.conformance.by_file.truth import answers
from actcheck.conformance.model import Context, Failure, Question
from actcheck.conformance.run.asking import ask
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.binding import Bound, bind


@dataclass
class Collected:
    """The arrays that were asked for one variant, format and quantity."""

    x: list[Array] = field(default_factory=list)
    upstream: list[Array] = field(default_factory=list)

    def distinct(self) -> tuple[Array, Array | None]:
        """The inputs, each pair once, in the order of their bit patterns."""
        x = np.concatenate(self.x)
        if not self.upstream:
            _, first = np.unique(patterns(x), return_index=True)
            return x[first], None
        upstream = np.concatenate(self.upstream)
        pairs = np.stack([patterns(x), patterns(upstream)])
        _, first = np.unique(pairs, axis=1, return_index=True)
        return x[first], upstream[first]


class Collector(Adapter):
    """A backend that answers one question after the other rightly, for forward and gradient."""

    name = "collector"

    def __init__(self) -> None:
        #: What is asked at present.
        self.definition: Bound | None = None
        #: By quantity.
        self.collected: dict[str, Collected] = {}

    def describe(self) -> Description:
        """All formats."""
        return Description("actcheck", "", "", tuple(FORMATS))

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """None by name."""
        return {}

    def lookup(self, activation: str) -> Function:
        """Whatever is asked for."""
        return lambda x, **parameters: self.call(activation, x, parameters)

    def call(self, activation: str, x: Array, parameters: Parameters) -> Array:
        """The right answer."""
        self._collect("forward", x)
        return self._answer("forward", x)

    def call_gradient(self, activation: str, x: Array, upstream: Array, parameters: Parameters) -> Array:
        """The right answer, but for the rounding of the product."""
        self._collect("gradient", x, np.broadcast_to(upstream, x.shape))
        with np.errstate(all="ignore"):
            product: Array = self._answer("gradient", x) * upstream
        return product

    def _collect(self, quantity: str, x: Array, *upstream: Array) -> None:
        found = self.collected.setdefault(quantity, Collected())
        found.x.append(x.ravel())
        found.upstream.extend(u.ravel() for u in upstream)

    def _answer(self, quantity: str, x: Array) -> Array:
        assert self.definition is not None
        form = next(f for f in FORMATS.values() if f.dtype == x.dtype)
        return answers(self.definition, quantity, form, x)


def collect(questions: Iterable[Question], seed: int) -> tuple[Array, Array | None]:
    """The distinct inputs that these questions about one variant, format and quantity ask for.

    x, and the upstream of gradients. Raises RuntimeError where a check breaks.
    """
    collector, quantity = Collector(), ""
    for question in questions:
        collector.definition, quantity = bind(question.spec, question.variant), question.quantity
        found = ask(question, Context(collector, seed=seed))
        if isinstance(found, Failure):
            raise RuntimeError(f"{question.id}: {found.what} ({found.where})")
    return collector.collected[quantity].distinct()
