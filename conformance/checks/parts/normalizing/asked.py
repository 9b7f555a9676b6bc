"""Calls of a normalizing activation, and what comes back held against the exact rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker, FaultError, calling
from actcheck.conformance.checks.parts.shared.judged_sums import JudgedPart, finding_of_sums
from actcheck.conformance.model import CallExample, Context, Fault, Finding, Question
from actcheck.conformance.numerals import both, count
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.sums.judged import judge
from actcheck.reference.normalizing.confirming import confirm
from actcheck.reference.normalizing.exact import Asked, Rows, evaluate, prepare
from actcheck.reference.specification.normalizing import Normalized, normalized

Array = NDArray[Any]
#: The parameter along whose dimension the sums run.
DIM = "dim"


@dataclass(frozen=True)
class RowCall:
    """One call."""

    #: What tells it from the others of its question.
    words: str
    x: Array
    dim: int
    upstream: Array | None = None
    #: Follows the kinds of its faults: an entry of known deviations then need not name single inputs.
    tag: str = "rows"

    @property
    def asked(self) -> Asked:
        """What the reference is asked."""
        return Asked(self.x, self.dim, self.upstream)


@dataclass
class RowAnswers:
    """All that one question asked, and what was wrong with the answers."""

    question: Question
    context: Context
    #: Calls with what they gave, to be judged together.
    calls: list[tuple[RowCall, Array]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def form(self) -> Format:
        """The question's."""
        return FORMATS[self.question.format]

    @property
    def normalized(self) -> Normalized:
        """The question's definition."""
        return normalized(self.question.spec, self.question.variant.parameters)

    def given(self, call: RowCall) -> Array | None:
        """What the backend gives; None where that is a fault. Raises UnsupportedError."""
        asker, parameters = Asker.of(self.question, self.context), dict(self.question.variant.parameters)
        parameters[DIM] = call.dim
        try:
            with calling(f"a call with {call.words}"):
                if call.upstream is None:
                    return asker.forward(call.x, parameters)
                return asker.gradient(call.x, call.upstream, parameters)
        except FaultError as error:
            self.faults.append(Fault(error.fault.what, f"{call.words}: {error}"))
            return None

    def ask(self, call: RowCall) -> Array | None:
        """Ask, and keep what is given to be judged. Raises UnsupportedError."""
        given = self.given(call)
        if given is not None:
            self.calls.append((call, given))
        return given

    def judged(self) -> list[JudgedRows]:
        """All calls held against the exact results, which are computed together."""
        prepare(self.normalized, [call.asked for call, _ in self.calls], self.form)
        return [JudgedRows.of(self, call, y) for call, y in self.calls]

    def finding(self, notes: Mapping[str, Any] | None = None) -> Finding:
        """All calls together; mpmath confirms the worst. Raises ReferenceDisagreementError."""
        judged = self.judged()
        worst = max(judged, key=lambda one: one.share, default=None)
        if worst is not None and worst.part.judged.units.size:
            worst.confirm(self.normalized)
        told = " or ".join(sorted({one.undefined for one in judged} - {""}))
        noted = {**(notes or {}), **({"masked_rows": told} if told else {})}
        faults = [*self.faults, *(fault for one in judged for fault in one.beside())]
        return finding_of_sums(self.question, [one.part for one in judged], faults, noted)


@dataclass(frozen=True)
class JudgedRows:
    """What one call gave, beside what it should have given."""

    call: RowCall
    exact: Rows
    part: JudgedPart

    @classmethod
    def of(cls, answers: RowAnswers, call: RowCall, y: Array) -> JudgedRows:
        """Judged in the question's format."""
        exact = evaluate(answers.normalized, call.asked, answers.form)
        return cls(
            call, exact, JudgedPart("result", call.words, judge(exact.sums, answers.form, y), call.tag)
        )

    @property
    def share(self) -> float:
        """The largest error by what an honest backend's may be at most."""
        return float(self.part.judged.share.max(initial=0.0))

    @property
    def undefined(self) -> str:
        """What becomes of rows that have no result, in words; empty where there is none."""
        values = self.part.judged.y[self.exact.undefined]
        if not values.size:
            return ""
        if np.isnan(values).all():
            return "NaN"
        if (values == 0).all():
            return "zeros"
        return "other numbers, some of them NaN" if np.isnan(values).any() else "other numbers"

    def confirm(self, definition: Normalized) -> None:
        """Have mpmath compute the worst result again. Raises ReferenceDisagreementError."""
        judged, call = self.part.judged, self.call
        at = tuple(int(i) for i in np.unravel_index(np.argmax(judged.share), judged.share.shape))
        sent = None if call.upstream is None else call.upstream.astype(np.float64)
        confirm(definition, judged.sums, at, call.dim, call.x.astype(np.float64), sent)

    def beside(self) -> Iterator[Fault]:
        """What a bound of sums does not tell: NaN and zeros that must be, and numbers lost to zero."""
        judged, main = self.part.judged, self.exact.sums.exact.main
        normal = np.isfinite(main) & (np.abs(main) >= judged.form.smallest_normal)
        lost = (judged.y == 0) & normal & (self.call.upstream is None)
        for name, hit, wanted in (
            ("wrong_nan", self.exact.nan & ~np.isnan(judged.y), "nan"),
            ("not_zero", self.exact.zero & ~(judged.y == 0), "0"),
            ("lost_to_zero", lost, ""),
        ):
            if hit.any():
                yield self._fault(name, hit, wanted)

    def _fault(self, name: str, hit: Array, wanted: str) -> Fault:
        at = tuple(int(i) for i in np.argwhere(hit)[0])
        got, value = float(self.part.judged.y[at]), float(self.exact.sums.exact.main[at])
        told = f"result{list(at)}, {self.call.words}: got {both(got)}, expected {wanted or both(value)}"
        many = f"{count(int(hit.sum()), 'result')} of {hit.size}"
        example = CallExample(self.call.words, self.part.name, at, got, value)
        return Fault(f"{name}:{self.call.tag}", f"{told}; {many}", float(hit.sum()), call=example)
