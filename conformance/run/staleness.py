"""What a run tells of the known deviations themselves: those not seen any more, those that match nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from actcheck.conformance.checks import CHECKS
from actcheck.conformance.deviations.known import ALL, Deviation, KnownDeviations
from actcheck.conformance.model import LEVELS, Check, Level, Outcome, Question
from actcheck.conformance.names import ANY
from actcheck.conformance.results.model import CheckRecord
from actcheck.conformance.results.records import CheckResult
from actcheck.conformance.results.rerun import Rerun
from actcheck.conformance.run.questions import Selection, select

#: The ``check`` field of what is told here.
CHECK = "known_deviations"
#: Outcomes that answer whether a deviation is still there.
_TELLING = ("pass", "fail", "known_deviation")


def review(
    known: KnownDeviations,
    selection: Selection,
    asked: Mapping[str, CheckResult],
    rerun: Rerun,
    checks: Sequence[Check] = CHECKS,
) -> Iterator[CheckRecord]:
    """Entries for the results: one for each deviation that matches nothing, or is not seen any more.

    ``asked`` holds what was asked, by question id. A run of a part says nothing of the other parts:
    an entry is stale only where all that it names was asked and answered.
    """
    everything = {level: _questions(selection, level, checks) for level in LEVELS}
    seen = {pair for one in asked.values() for pair in one.seen}
    for number, entry in enumerate(known.entries):
        if known.resting(entry) or not _in_view(entry, selection):
            continue
        named = {level: _named(entry, by_activation) for level, by_activation in everything.items()}
        if not any(named.values()):
            if not selection.formats and not selection.checks:
                yield _record(entry, "error", f"{entry.place}: matches no check; {_ADVICE}", rerun)
            continue
        if not entry.must_show(selection.level) or not _answered(named[selection.level], asked):
            continue
        gone = [e.what for i, e in enumerate(entry.excuses) if (number, i) not in seen]
        if gone:
            message = (
                f"{entry.place}: no longer seen: {', '.join(gone)} ({entry.seen}); remove it from the file"
            )
            yield _record(entry, "stale_deviation", message, rerun)


_ADVICE = "correct its activation, variant, formats, quantity or check"


def _answered(ids: Iterable[str], asked: Mapping[str, CheckResult]) -> bool:
    """Whether all of these were asked, none broke, and some answer tells of the deviation."""
    outcomes = {asked[i].record.outcome if i in asked else "error" for i in ids}
    return "error" not in outcomes and not outcomes.isdisjoint(_TELLING)


def _questions(selection: Selection, level: Level, checks: Sequence[Check]) -> dict[str, list[Question]]:
    """All questions of a level, by activation."""
    found: dict[str, list[Question]] = {}
    for question in select(Selection(selection.specs, level), checks):
        found.setdefault(question.activation, []).append(question)
    return found


def _named(entry: Deviation, by_activation: Mapping[str, list[Question]]) -> list[str]:
    names = by_activation if entry.activation == ALL else entry.activation
    return [q.id for name in names for q in by_activation.get(name, ()) if entry.names(q)]


def _in_view(entry: Deviation, selection: Selection) -> bool:
    """Whether everything that the entry names is among the activations of the run."""
    names = {spec.id for spec in selection.specs}
    return selection.whole or (entry.activation != ALL and set(entry.activation) <= names)


def _record(entry: Deviation, outcome: Outcome, message: str, rerun: Rerun) -> CheckRecord:
    activation = ",".join(entry.activation)
    return CheckRecord(
        id="-".join((CHECK, activation, f"entry={entry.place}", ANY, ANY)),
        activation=activation,
        variant={"entry": entry.place},
        format=ANY,
        quantity=ANY,
        check=CHECK,
        outcome=outcome,
        message=message,
        rerun=rerun.of_activations(entry.activation),
    )
