"""What an adapter answers to a case of multihead attention, held against the exact results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from actcheck.adapters.base import Adapter, AttentionCall, AttentionResult
from actcheck.conformance.backends.asker import UnsupportedError, answered, in_a_line
from actcheck.conformance.backends.guard.guarded import guard
from actcheck.conformance.checks.parts.attention.asked import AnsweredCase, AskedCall
from actcheck.conformance.checks.parts.attention.calls import Array, batched, shared
from actcheck.conformance.checks.parts.shared.judged_sums import JudgedPart
from actcheck.conformance.model import CallExample, Fault, Level
from actcheck.reference.attention.exact import Attention, confirm
from actcheck.reference.attention.inputs import NAMES, SHARED
from actcheck.reference.formats import Format
from actcheck.reference.judging.sums.bounds import Sums
from actcheck.reference.judging.sums.judged import judge

#: Names of paths that must drop, and that must not; another may, and is then judged as training.
TRAINING, EVALUATION = "training", ("evaluation", "no_grad", "fast")


class Place(NamedTuple):
    """What tells a call from the others of its question, and what is special about it."""

    words: str
    tag: str


@dataclass
class AttentionAnswers:
    """All that was asked and answered for one question."""

    adapter: Adapter
    form: Format
    #: Tells the case in the kind of a fault.
    tagged: bool = False
    level: Level = "quick"
    parts: list[JudgedPart] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    #: Largest error in units of u*S by path.
    units: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    #: What a path refused that it may refuse, and with which words.
    refused: dict[str, str] = field(default_factory=dict)
    #: By path, whether it gave gradients, of all calls that ask for them.
    differentiated: dict[str, set[bool]] = field(default_factory=dict)
    _worst: tuple[float, AnsweredCase] | None = None

    def ask(self, asked: AskedCall, path: str) -> AttentionResult | None:
        """Ask one path and judge what it answers; None where it has no answer."""
        call, case = asked.call(path), asked.exactly.case
        if call.dropout and path not in EVALUATION:
            return None
        place = Place(asked.words(path), asked.tag if self.tagged else "")
        exact = asked.exactly.exact
        try:
            given = answered(guard(self.adapter).attention(call))
        except UnsupportedError as error:
            self.reasons.setdefault(path, str(error))
            return None
        except Exception as error:
            if case.refusable:
                self.refused.setdefault(f"{path}, {case.tag}", in_a_line(error))
            else:
                self._tell("raised", place, f"{place.words}: raised {in_a_line(error)}")
            return None
        found: AttentionResult = given
        for kind, told in absent(call, found, exact):
            self._tell(kind, place, f"{place.words}: {told}")
        if call.upstream is not None:
            self.differentiated.setdefault(path, set()).add(bool(given.gradients))
        for name, array, sums in results(call, given, exact):
            self._judge(name, array, sums, place, path, asked.exactly)
        return found

    def confirm(self) -> None:
        """Have mpmath compute the call with the worst error again. Raises ReferenceDisagreementError.

        That is dear: quick leaves it out where many calls are asked and the worst keeps the bound.
        """
        spared = self.tagged and self.level == "quick"
        if self._worst is not None and (not spared or self._worst[0] > 1):
            confirm(self._worst[1].case.module, self._worst[1].exact)

    def _tell(self, kind: str, place: Place, told: str) -> None:
        what = f"{kind}:{place.tag}" if place.tag else kind
        self.faults.append(Fault(what, told, call=CallExample(place.words)))

    def undifferentiated(self) -> Iterator[Fault]:
        """Training without a gradient though another path has some, and a path that has some now and then."""
        some = any(True in seen for seen in self.differentiated.values())
        for path, seen in self.differentiated.items():
            if some and (len(seen) == 2 or (path == TRAINING and True not in seen)):
                often = "in some calls" if len(seen) == 2 else "in any call"
                yield Fault("no_gradient", f"path {path}: no gradient {often}, although they are asked for")

    def _judge(
        self, name: str, array: Array, sums: Sums, place: Place, path: str, exactly: AnsweredCase
    ) -> None:
        wanted = _mask_format(exactly.case.call, name) or self.form.dtype
        if array.dtype != wanted:
            self._tell("wrong_format", place, f"{name}, {place.words}: {array.dtype}, expected {wanted}")
            return
        if array.shape != sums.size.shape:
            told = f"{name}, {place.words}: shape {array.shape} (batch first), expected {sums.size.shape}"
            self._tell("wrong_shape", place, told)
            return
        judged = judge(sums, self.form, array)
        self.parts.append(JudgedPart(name, place.words, judged, place.tag))
        self.units[path] = max(self.units.get(path, 0.0), judged.max_units)
        share = float(judged.share.max(initial=0.0))
        if self._worst is None or share > self._worst[0]:
            self._worst = (share, exactly)


def results(
    call: AttentionCall, given: AttentionResult, exact: Attention
) -> Iterator[tuple[str, Array, Sums]]:
    """Every array of an answer with the batch first, beside what it must be."""
    yield "output", batched(call, given.output), exact.output
    if call.need_weights and given.weights is not None:
        weights = given.weights[None] if call.query.ndim == 2 else given.weights
        yield "weights", weights, exact.averaged if call.average_attn_weights else exact.weights
    for name, sums in exact.gradients.items():
        if name in given.gradients:
            array = given.gradients[name]
            is_input = name.partition(SHARED)[0] in NAMES
            yield f"gradient of {name}", batched(call, array) if is_input else array, sums


def absent(call: AttentionCall, given: AttentionResult, exact: Attention) -> Iterator[tuple[str, str]]:
    """What is asked for and not there, and weights that nobody asked for."""
    if call.need_weights and given.weights is None:
        yield "no_weights", "no weights, although they are asked for"
    if not call.need_weights and given.weights is not None:
        yield "weights", "weights, although they are not asked for"
    one = SHARED.join(shared(call))
    apart = set(shared(call)) if one in given.gradients else {one}
    wanted = exact.gradients.keys() - apart if given.gradients else ()
    for name in sorted(set(wanted) - given.gradients.keys()):
        yield f"no_gradient of {name}", f"no gradient of {name}, although it is asked for"


def _mask_format(call: AttentionCall, name: str) -> np.dtype[Any] | None:
    """The format of a mask whose gradient is named so."""
    mask = {"gradient of attn_mask": call.attn_mask, "gradient of key_padding_mask": call.key_padding_mask}
    array = mask.get(name)
    return None if array is None else array.dtype
