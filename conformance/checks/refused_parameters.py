"""`refused_parameters`: parameters outside their range must be refused, at construction or at the call.

Both forms are asked: a function that computes with a bad parameter is not made right by a module that
refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, AttentionCall, AttentionResult
from actcheck.conformance.backends.asker import FaultError, Refusal, UnsupportedError, tried
from actcheck.conformance.checks.parts.attention.calls import SIZES, Properties, case
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, NotApplicable, Question
from actcheck.conformance.names import ANY
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Refused, Spec

#: Arguments on either side of everything that a parameter may mean.
_X = (-1.0, 0.25, 30.0)
_FORM = FORMATS["float32"]


class RefusedParameters:
    """Each bad parameter that the specification names."""

    name = "refused_parameters"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """One for each activation that refuses anything."""
        if spec.refused:
            yield Question(self.name, spec, spec.default, ANY, ANY)

    def answer(self, question: Question, context: Context) -> Answer:
        """Try every row in both forms; where it was refused is noted."""
        faults: list[Fault] = []
        notes: dict[str, Mapping[str, str]] = {}
        lacking: set[str] = set()
        for row in question.spec.refused:
            tries = {
                "function": _function(question.spec, row, context.adapter),
                "module": _module(question.spec, row, context.adapter),
            }
            lacking |= {t.words for t in tries.values() if t.outcome == "none"}
            label = question.spec.refused_label(row)
            notes[label] = {form: t.words for form, t in tries.items()}
            faults += _faults(label, row, tries)
        asked = [words for told in notes.values() for words in told.values() if words not in lacking]
        if not asked:
            return NotApplicable("; ".join(sorted(lacking)))
        message = "" if faults else "all refused"
        return Finding(tuple(faults), points=len(asked), notes={"refused": notes}, message=message)


@dataclass(frozen=True)
class _Try:
    """What became of one bad parameter in one form."""

    #: refused, accepted, broke, or none where there is no such form.
    outcome: str
    words: str


def _faults(label: str, row: Refused, tries: Mapping[str, _Try]) -> Iterator[Fault]:
    for form, what in (("function", "accepted"), ("module", "accepted_by_module")):
        if tries[form].outcome == "broke":
            yield Fault(f"raised:{label}", f"{label} by the {form}: {tries[form].words}")
        if tries[form].outcome == "accepted":
            other = "module" if form == "function" else "function"
            told = tries[other].words
            same = f"the {other}: {'the same' if told == tries[form].words else told}"
            message = f"the {form} {tries[form].words}; expected an error, because {row.because}; {same}"
            yield Fault(f"{what}:{label}", f"{what}:{label}: {message}")


def _tried(where: str, call: Callable[[], Any]) -> Any:
    """What the call gave; a `_Try` where it gave nothing."""
    try:
        given = tried(call)
    except UnsupportedError as error:
        return _Try("none", str(error))
    except FaultError as error:
        return _Try("broke", error.fault.message)
    return _Try("refused", f"refused at {where} with {given.words}") if isinstance(given, Refusal) else given


def _called(call: Callable[[], Any]) -> _Try:
    given = _tried("the call", call)
    if isinstance(given, _Try):
        return given
    if isinstance(given, AttentionResult):
        return _Try("accepted", f"computed an output of shape {given.output.shape}")
    values = np.asarray(given).astype(np.float64).ravel()[: len(_X)].tolist()
    pairs = ", ".join(f"f({x:g}) = {y:.6g}" for x, y in zip(_X, values, strict=False))
    return _Try("accepted", f"computed {pairs}")


def _function(spec: Spec, row: Refused, adapter: Adapter) -> _Try:
    """The functional form; a channelwise one takes weights, not their number and start."""
    parameters = {**spec.default.parameters, **row.parameters}
    if spec.kind == "channelwise":
        return _Try("none", "the function takes weights, not their number or start")
    if spec.kind == "attention":
        return _attention(spec, parameters, adapter)
    x = np.array(_X, _FORM.dtype)
    return _called(partial(adapter.forward, spec.id, x, parameters))


def _attention(spec: Spec, parameters: Mapping[str, Any], adapter: Adapter) -> _Try:
    call, paths = attention_with(spec, parameters), adapter.attention_paths()
    if call is None or not paths:
        return _Try("none", "no call with these sizes of its arrays")
    return _called(partial(adapter.attention, replace(call, path=paths[0])))


def attention_with(spec: Spec, parameters: Mapping[str, Any]) -> AttentionCall | None:
    """A call with these parameters; None where no arrays have such sizes."""
    call = case(spec.default, _FORM, 0, Properties(SIZES[0])).call
    if parameters["embed_dim"] != spec.default.parameters["embed_dim"]:
        return None
    return replace(call, num_heads=parameters["num_heads"], dropout=parameters.get("dropout", 0.0))


def _module(spec: Spec, row: Refused, adapter: Adapter) -> _Try:
    """The module form, constructed and, of all but attention, called."""
    parameters = {**spec.default.parameters, **row.parameters}
    made = _tried("construction", partial(adapter.module, spec.id, parameters))
    if isinstance(made, _Try):
        return made
    if spec.kind == "attention":
        return _Try("constructed", "was constructed")
    x = np.array(_X, _FORM.dtype)
    return _called(lambda: adapter.to_host(made(adapter.to_backend(x))))
