"""Finite upstreams of every size, and in layouts that a kernel may misread, for each way to ask for products.

A backend that overflows before the product does, flushes small products, reads an upstream in the order of
its memory or by the strides of x multiplies the right slopes with the wrong numbers; an upstream of ones
shows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from actcheck.conformance.backends.asker import Asker, FaultError, UnsupportedError, calling, told_as
from actcheck.conformance.checks.parts.upstreams.factors import Factors
from actcheck.conformance.checks.parts.upstreams.layouts import Pair, misread, pairs
from actcheck.conformance.checks.parts.upstreams.products import Asked, judged, renamed
from actcheck.conformance.checks.parts.upstreams.ways import WAYS, Way
from actcheck.conformance.model import Context, Fault, Question
from actcheck.reference.formats import FORMATS


@dataclass
class Upstreams:
    """What upstreams other than one showed."""

    faults: list[Fault] = field(default_factory=list)
    #: The ways in which a backend gives no products, with its reasons.
    lacking: dict[str, str] = field(default_factory=dict)


def upstreams(question: Question, context: Context) -> Upstreams:
    """Every way to ask for the question's quantity times a factor; what the backend lacks is noted."""
    found, asker = Upstreams(), Asker.of(question, context)
    factors = Factors.of(asker, context)
    known: Asked | None = None
    if factors is None:
        return found
    for way in WAYS[question.quantity]:
        try:
            with told_as(partial(renamed, way.name)), calling(f"a {way.words} with plain arrays"):
                plain = Asked(factors.x, factors.numbers, way.ask(asker, factors.x, factors.numbers))
        except UnsupportedError as error:
            found.lacking[way.name] = str(error)
            continue
        except FaultError as error:
            found.faults.append(error.fault)
            continue
        new = plain.unless(FORMATS[question.format], known) if known else plain
        known = known or plain
        found.faults += judged(question, context.profile, way.name, [new])
        found.faults += _of_layouts(asker, context, way, plain)
    return found


def _of_layouts(asker: Asker, context: Context, way: Way, plain: Asked) -> Iterator[Fault]:
    """The faults that layouts show and plain arrays do not."""
    wrong: list[Asked] = []
    told: set[str] = set()
    for pair in pairs(asker.question, context, way):
        try:
            with told_as(partial(_of_pair, way, pair)), calling(f"a {way.words}"):
                wrong.append(misread(asker, way, pair, plain))
        except FaultError as error:
            if error.fault.what not in told:
                told.add(error.fault.what)
                yield error.fault
    yield from judged(asker.question, context.profile, way.name, wrong)


def _of_pair(way: Way, pair: Pair, fault: Fault) -> Fault:
    """A call that a layout of x makes fail, by its name."""
    tag = pair.x.name.replace(" ", "_")
    return renamed(way.name, replace(fault, what=f"{fault.what}:{tag}"), pair.name)
