"""One question's outcome as the results hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actcheck.conformance.deviations.known import KnownDeviations, SplitFaults
from actcheck.conformance.json_values import clean, jsonable
from actcheck.conformance.model import Answer, Failure, Fault, Finding, NotApplicable, Outcome, Question
from actcheck.conformance.results.fault_records import FaultRecord
from actcheck.conformance.results.finding_fields import fault_record, measured
from actcheck.conformance.results.model import CheckRecord
from actcheck.conformance.results.rerun import Rerun


@dataclass(frozen=True)
class CheckResult:
    """A question with its outcome, ready to be written."""

    record: CheckRecord
    #: Of the known deviations: which entry and which of its excuses were seen.
    seen: tuple[tuple[int, int], ...] = ()


def settle(question: Question, answer: Answer | Failure, known: KnownDeviations, rerun: Rerun) -> CheckResult:
    """The outcome of an answer under the known deviations of the backend."""
    command = rerun.command(question)
    match answer:
        case NotApplicable(reason) if question.quantity in rerun.settings.require:
            told = f"required, but unsupported: {reason}"
            fault = FaultRecord(what="unsupported", message=clean(told))
            return CheckResult(record(question, "fail", told, command, faults=(fault,)))
        case NotApplicable(reason):
            return CheckResult(record(question, "unsupported", reason, command))
        case Failure():
            return _broken(question, answer, known, command)
        case Finding():
            split = known.split(question, answer.faults)
            outcome, message = _outcome(answer, split)
            more = measured(question.format, answer) | {"faults": _faults(split)}
            return CheckResult(record(question, outcome, message, command, **more), split.seen)


def _broken(question: Question, failure: Failure, known: KnownDeviations, command: str) -> CheckResult:
    """An error, unless the backend raised what a known deviation names."""
    if failure.who == "backend" and failure.raised:
        split = known.split(question, (Fault("raised", failure.what),))
        if split.seen:
            reasons, faults = "\n".join(split.reasons), _faults(split)
            return CheckResult(
                record(question, "known_deviation", reasons, command, faults=faults), split.seen
            )
    message = f"{failure.who} error: {failure.what}" + (f" ({failure.where})" if failure.where else "")
    fault = FaultRecord(what="raised" if failure.raised else "broke", message=clean(failure.what))
    return CheckResult(record(question, "error", message, command, faults=(fault,)))


def _faults(split: SplitFaults) -> tuple[FaultRecord, ...]:
    return tuple(fault_record(fault, reason) for fault, reason in split.told)


def _outcome(finding: Finding, split: SplitFaults) -> tuple[Outcome, str]:
    if split.left:
        return "fail", "\n".join(f.message for f in split.left)
    if split.seen:
        return "known_deviation", "\n".join(split.reasons)
    return "pass", finding.message


def record(question: Question, outcome: Outcome, message: str, rerun: str, **measured: Any) -> CheckRecord:
    """The entry of the results for a question."""
    return CheckRecord(
        id=question.id,
        activation=question.activation,
        variant=jsonable(question.variant.given),
        format=question.format,
        quantity=question.quantity,
        check=question.check,
        outcome=outcome,
        message=clean(message),
        rerun=rerun,
        **measured,
    )
