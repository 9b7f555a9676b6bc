"""`defaults`: the framework's own default parameters against the specification's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from actcheck.conformance.backends.asker import answered
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.conformance.names import ANY
from actcheck.reference.specification.model import Parameter, Spec


class Defaults:
    """A function that is called without parameters must be the one that the specification describes."""

    name = "defaults"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """One question for each activation with parameters."""
        if spec.parameters:
            yield Question(self.name, spec, spec.default, ANY, ANY)

    def answer(self, question: Question, context: Context) -> Answer:
        """Compare value by value; parameters that the framework alone has are recorded."""
        own = answered(context.adapter.defaults(question.activation))
        faults = [f for p in question.spec.parameters if (f := _fault(p, own)) is not None]
        return Finding(tuple(faults), notes={"defaults": dict(own)})


def _fault(parameter: Parameter, own: Any) -> Fault | None:
    name, wanted = parameter.name, parameter.default
    if parameter.required:
        if own.get(name) is None:
            return None
        return Fault(
            f"differs:{name}", f"{name} is {own[name]!r} by default, but must be given by the caller"
        )
    if name not in own:
        return Fault(f"missing:{name}", f"{name} has no default in the framework, expected {wanted!r}")
    if _same(own[name], wanted):
        return None
    return Fault(f"differs:{name}", f"{name} is {own[name]!r} by default, expected {wanted!r}")


def _same(own: Any, wanted: Any) -> bool:
    """Whether two defaults mean the same; 1 and 1.0 do, True and 1 do not."""
    if isinstance(own, bool) or isinstance(wanted, bool):
        return own is wanted
    if isinstance(own, int | float) and isinstance(wanted, int | float):
        return float(own) == float(wanted) or (math.isnan(own) and math.isnan(wanted))
    return type(own) is type(wanted) and bool(own == wanted)
