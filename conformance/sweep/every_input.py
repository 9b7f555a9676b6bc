"""Whole sweeps: what is left of them is given out, written down and summed up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from actcheck.adapters.base import Adapter
from actcheck.adapters.callables import CallableAdapter
from actcheck.conformance.backends.fingerprint import identity
from actcheck.conformance.backends.guard.guarded import guard, unguarded
from actcheck.conformance.backends.probe import Backend
from actcheck.conformance.model import Context, Finding, Level, Profile, Question
from actcheck.conformance.sweep.findings import finding
from actcheck.conformance.sweep.gated_pairs import paired
from actcheck.conformance.sweep.host_blocks import results
from actcheck.conformance.sweep.job import Job, tasks
from actcheck.conformance.sweep.ledger import SweepLedger
from actcheck.conformance.sweep.partial_result import total, unpacked
from actcheck.conformance.sweep.scheduler import Driver
from actcheck.conformance.sweep.work import swept
from actcheck.reference.judging.number_models import NumberModel, judged_in
from actcheck.reference.sweeping.host import block

#: Called with the number of inputs judged since the last call.
Tell = Callable[[int], None]


def sweep(jobs: Sequence[Job], backend: Backend, driver: Driver, tell: Tell) -> list[str]:
    """Do what is left of these jobs; every part is in its ledger when this returns.

    Returns what went wrong, a sentence each: tasks whose worker died, or that failed.
    """
    ledgers = {job: _ledger(job, backend) for job in jobs}
    left = [(job, start) for job in jobs for start in ledgers[job].left]
    wrong = []
    for (job, start), result in driver.run(left):
        if isinstance(result, str):
            wrong.append(f"{job.activation} {job.quantity}, the task from {start:#x} on: {result}")
            continue
        part = unpacked(result)
        ledgers[job].note(start, part)
        tell(part.verdict.points)
    return wrong


def _ledger(job: Job, backend: Backend) -> SweepLedger:
    with judged_in(NumberModel.named(job.number_model)):
        return SweepLedger.of_sweep(job.question(), identity(backend))


def is_swept(question: Question, level: Level) -> bool:
    """Whether a question is answered by a sweep: float32, forward and gradient, at the exhaustive level."""
    narrow = question.check == "accuracy" and question.spec.elementwise and question.format == "float32"
    return level == "exhaustive" and narrow and question.quantity in ("forward", "gradient")


def answer(question: Question, context: Context) -> Finding:
    """Judge every float32 input, taking up what a ledger holds; the rest is done here and now.

    Raises UnansweredError.
    """
    adapter = context.adapter
    ask_once(question, adapter)
    if isinstance(unguarded(adapter), CallableAdapter):
        return swept_here(question, context.profile, adapter, lambda _: None)
    began = time.perf_counter()
    ledger = SweepLedger.of_sweep(question, identity(adapter))
    for start in ledger.left:
        ledger.note(start, swept(adapter, question, start))
    done = ledger.total()
    found = finding(question, context.profile, done, adapter, max(done.seconds, time.perf_counter() - began))
    ledger.clear()
    return found


def swept_here(question: Question, profile: Profile, adapter: Adapter, tell: Tell) -> Finding:
    """Judge every float32 input here and now, without a ledger: of a bare function nothing tells whether it
    is the one that a ledger is about.

    Raises UnansweredError.
    """
    began, parts = time.perf_counter(), []
    for start in tasks(question):
        parts.append(swept(adapter, question, start))
        tell(parts[-1].verdict.points)
    return finding(question, profile, total(parts), adapter, time.perf_counter() - began)


def ask_once(question: Question, adapter: Adapter) -> None:
    """Ask about one input. Raises UnansweredError where the backend gives no result."""
    if question.spec.kind == "gated":
        paired(adapter, question, 0, 1)
    else:
        results(guard(adapter), question, block(0x3F800000, 1, True))
