"""What an adapter answers to a case of multihead attention, held against the exact results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from actcheck.adapters.base import Adapter, AttentionCall, AttentionResult
from actcheck.conformance.backends.asker import UnsupportedError, answered
from actcheck.conformance.checks.parts.attention.calls import Array, AttentionCase, batched, owned
from actcheck.conformance.checks.parts.shared.judged_sums import JudgedPart
from actcheck.conformance.model import Fault
from actcheck.reference.attention.exact import Attention, confirm, evaluate
from actcheck.reference.formats import Format
from actcheck.reference.judging.sums.bounds import Sums
from actcheck.reference.judging.sums.judged import judge


@dataclass
class AttentionAnswers:
    """All that was asked and answered for one question."""

    adapter: Adapter
    form: Format
    #: Tells the case in the kind of a fault.
    tagged: bool = False
    parts: list[JudgedPart] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    #: Largest error in units of u*S by path.
    units: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    _worst: tuple[float, AnsweredCase] | None = None

    def ask(self, exactly: AnsweredCase, path: str, **options: Any) -> AttentionResult | None:
        """Ask one path for one case and judge what it answers; None where it has no answer."""
        call = replace(exactly.case.call, path=path, **options)
        told = "".join(f", {name}={value}" for name, value in options.items())
        where = f"path {path}, {exactly.case.words}{told}"
        tag = f"{exactly.case.tag}{told.replace(', ', ',')}" if self.tagged else ""
        exact = exactly.exact
        try:
            given = answered(self.adapter.attention(owned(call)))
        except UnsupportedError as error:
            self.reasons.setdefault(path, str(error))
            return None
        except Exception as error:
            kind = f"raised:{tag}" if tag else "raised"
            self.faults.append(Fault(kind, f"{where}: raised {type(error).__name__}: {error}"))
            return None
        if call.need_weights and given.weights is None:
            kind = f"no_weights:{tag}" if tag else "no_weights"
            self.faults.append(Fault(kind, f"{where}: no weights, although they are asked for"))
        for name, array, sums in results(call, given, exact):
            self._judge(name, array, sums, where, tag, path, exactly)
        return given

    def confirm(self) -> None:
        """Have mpmath compute the call with the worst error again. Raises ReferenceDisagreementError."""
        if self._worst is not None:
            confirm(self._worst[1].case.module, self._worst[1].exact)

    def _judge(
        self, name: str, array: Array, sums: Sums, where: str, tag: str, path: str, exactly: AnsweredCase
    ) -> None:
        kind = f":{tag}" if tag else ""
        if array.dtype != self.form.dtype:
            message = f"{name}, {where}: {array.dtype}, expected {self.form.dtype}"
            self.faults.append(Fault(f"wrong_format{kind}", message))
            return
        if array.shape != sums.size.shape:
            message = f"{name}, {where}: shape {array.shape} (batch first), expected {sums.size.shape}"
            self.faults.append(Fault(f"wrong_shape{kind}", message))
            return
        judged = judge(sums, self.form, array)
        self.parts.append(JudgedPart(name, where, judged, tag))
        self.units[path] = max(self.units.get(path, 0.0), judged.max_units)
        share = float(judged.share.max(initial=0.0))
        if self._worst is None or share > self._worst[0]:
            self._worst = (share, exactly)


@dataclass
class AnsweredCase:
    """A case with its exact results, computed once for all paths."""

    case: AttentionCase
    form: Format

    @cached_property
    def exact(self) -> Attention:
        """By the reference."""
        return evaluate(self.case.module, self.form)


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
            yield f"gradient of {name}", batched(call, array) if name in _SEQUENCES else array, sums


_SEQUENCES = ("query", "key", "value")
