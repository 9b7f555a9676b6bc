"""What came of examining a bare function: a record for programs, and a text for people."""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from actcheck.conformance import numerals
from actcheck.conformance.faults.distinct import distinct
from actcheck.conformance.faults.telling import extent
from actcheck.conformance.library.asked import Examined
from actcheck.conformance.model import Question, Settings
from actcheck.conformance.results import documents
from actcheck.conformance.results.fault_records import DistinctFault
from actcheck.conformance.results.model import BackendRecord, CheckRecord, Results
from actcheck.conformance.results.rerun import Rerun
from actcheck.reference.judging.number_models import IEEE
from actcheck.reference.specification import loading

#: So many distinct faults are told; the rest is counted.
_TOLD = 6
_WIDTH = 100
_STYLE = "font-family: monospace; white-space: pre-wrap"


@dataclass(frozen=True)
class CheckAgain(Rerun):
    """The call of `actcheck.check` that puts a question again, in the place of a command."""

    function: str = ""
    like: str = "numpy"

    @classmethod
    def of(cls, examined: Examined) -> CheckAgain:
        """That for a function."""
        model = "" if str(examined.number_model) == IEEE else str(examined.number_model)
        settings = Settings(
            examined.name,
            level=examined.level,
            profile=examined.profile,
            seed=examined.seed,
            number_model=model,
        )
        return cls(settings, {}, examined.name, examined.adapter.describe().framework)

    def command(self, question: Question) -> str:
        """A line of Python."""
        given: dict[str, Any] = {"dtypes": [question.format], "quantities": [question.quantity]}
        for name, value, usual in (
            ("level", self.settings.level, "quick"),
            ("profile", self.settings.profile, "standard"),
            ("seed", self.settings.seed, 0),
            ("number_model", self.settings.number_model, ""),
            ("like", self.like, "numpy"),
        ):
            given |= {name: value} if value != usual else {}
        given |= {"checks": [question.check], **question.variant.given}
        words = ", ".join(f"{name}={value!r}" for name, value in given.items())
        return f"actcheck.check({self.function}, {question.activation!r}, {words})"


@dataclass(frozen=True)
class Report:
    """What was asked of a function, and what came of it."""

    #: The document that `to_json` writes, and that ``actcheck report`` and ``actcheck compare`` read.
    results: Results
    #: The variant in short: ``default``, or ``alpha=0.5``.
    variant: str

    @classmethod
    def of(cls, examined: Examined, records: tuple[CheckRecord, ...], seconds: float) -> Report:
        """The report about a function, from the records of all questions."""
        described = examined.adapter.describe()
        results = Results(
            backend=BackendRecord(
                examined.name, described.framework, described.version, described.device, described.details
            ),
            environment=documents.environment(),
            level=examined.level,
            profile=examined.profile,
            number_model=str(examined.number_model),
            seed=examined.seed,
            spec_digest=loading.digest_of([examined.spec]),
            seconds=round(seconds, 3),
            checks=records,
            faults=distinct(records, {examined.spec.id: examined.spec}),
        )
        return cls(results, examined.variant.label)

    @property
    def passed(self) -> bool:
        """Whether every question was answered, and nothing is wrong."""
        return all(check.outcome == "pass" for check in self.results.checks)

    @property
    def faults(self) -> tuple[DistinctFault, ...]:
        """The distinct faults, the most serious first, each with a sentence, kind, example and message."""
        return self.results.faults

    @property
    def checks(self) -> tuple[CheckRecord, ...]:
        """A record for each question: grade, errors, classes, outcome."""
        return self.results.checks

    def to_json(self) -> str:
        """The results document (version 2), as JSON text."""
        return json.dumps(documents.document(self.results), ensure_ascii=False, allow_nan=False, indent=1)

    def __str__(self) -> str:
        return "\n".join(self._lines)

    def _repr_html_(self) -> str:
        """For notebooks; everything that stands in it is escaped."""
        colour = "#1a7f37" if self.passed else "#b42318"
        head, *rest = self._lines
        body = html.escape("\n".join(rest))
        first = f'<strong style="color: {colour}">{html.escape(head)}</strong>'
        return f'<div style="{_STYLE}">{first}\n{body}</div>'

    @cached_property
    def _lines(self) -> list[str]:
        return [self._verdict, *self._of_faults(), *self._of_broken(), *self._of_accuracy()]

    @property
    def _verdict(self) -> str:
        activation = self.results.checks[0].activation
        name, what = self.results.backend.name, f"{activation} ({self.variant})"
        failed = [c for c in self.results.checks if c.outcome != "pass"]
        total = numerals.count(len(self.results.checks), "check")
        if not failed:
            return f"{name} conforms to {what}: {total} passed"
        told = numerals.count(len(self.faults), "distinct fault")
        return f"{name} is not {what}: {told} behind {len(failed)} of {len(self.results.checks)} checks"

    def _of_faults(self) -> Iterator[str]:
        for fault in self.faults[:_TOLD]:
            yield ""
            yield from _wrapped(f"{fault.number}. {fault.sentence}", "   ", "")
            yield from _wrapped(fault.message, "   ")
            yield from _wrapped(extent(fault), "   ")
            again = next(c.rerun for c in self.results.checks if c.id == fault.shown_by)
            yield f"   again: {again}"
        if len(self.faults) > _TOLD:
            yield f"\nand {len(self.faults) - _TOLD} more: see .faults"

    def _of_broken(self) -> Iterator[str]:
        """What has no fault to tell it: questions without an answer."""
        untold = {c.message for c in self.results.checks if c.outcome != "pass" and not c.faults}
        for message in sorted(untold):
            yield ""
            yield from _wrapped(message, "   ", "")

    def _of_accuracy(self) -> Iterator[str]:
        graded = [c for c in self.results.checks if c.check == "accuracy" and c.grade and c.max_ulp]
        if graded:
            yield ""
        for check in graded:
            known = "every input" if check.exhaustive else f"{check.points:,} inputs"
            most = numerals.ulp(check.max_ulp[1] if check.max_ulp else 0.0)
            yield f"{check.format} {check.quantity}: {check.grade}, largest error {most} ULP in {known}"


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
