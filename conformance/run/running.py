"""`actcheck run`, without its printing: probe, ask, keep, and sum up."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from actcheck import __version__
from actcheck.conformance.backends.fingerprint import code_digest
from actcheck.conformance.backends.probe import Backend, ProbeError, probe
from actcheck.conformance.backends.process_memory import usual
from actcheck.conformance.deviations.files import DeviationsError, read_all
from actcheck.conformance.deviations.known import KnownDeviations
from actcheck.conformance.faults.distinct import distinct
from actcheck.conformance.model import Level, Question, Settings, judging
from actcheck.conformance.results import documents
from actcheck.conformance.results.journal import Journal
from actcheck.conformance.results.model import Results
from actcheck.conformance.results.records import CheckResult
from actcheck.conformance.results.rerun import Rerun
from actcheck.conformance.run.questions import Selection, left_out, select
from actcheck.conformance.run.session import SessionError, dialect_of, model_of, selection_of
from actcheck.conformance.run.staleness import review
from actcheck.conformance.run.supervisor import CollapseError, Supervisor
from actcheck.conformance.sweep import progress as sweep_progress
from actcheck.conformance.sweep.every_input import is_swept, sweep
from actcheck.conformance.sweep.executors import opened
from actcheck.conformance.sweep.job import MAGNITUDES, Job
from actcheck.conformance.sweep.scheduler import Driver
from actcheck.conformance.sweep.work import warm_up, work
from actcheck.reference.judging.number_models import NumberModel
from actcheck.reference.machine.kept import folder, key_of
from actcheck.reference.specification import loading
from actcheck.reference.specification.dialects import Dialect

#: Seconds for one question, by level: many times what the slowest needs.
TIMEOUTS: dict[Level, float] = {"quick": 120.0, "full": 900.0, "exhaustive": 7200.0}


@dataclass(frozen=True)
class Request:
    """A run as the command line asks for it: its settings, and how it is to be made."""

    settings: Settings
    workers: int = 1
    #: Seconds for one question; None takes the level's.
    timeout: float | None = None
    #: Bytes that a worker may take; None takes a share of the machine's.
    memory: int | None = None
    #: Take up the journal of an interrupted run.
    resume: bool = True

    @property
    def allowed(self) -> int:
        """Bytes that a worker may take."""
        return self.memory or usual(self.workers)


@dataclass(frozen=True)
class Run:
    """A run that is about to be made: all that is known before the first question."""

    request: Request
    selection: Selection
    backend: Backend
    known: KnownDeviations
    rerun: Rerun
    questions: Sequence[Question]
    journal: Journal
    model: NumberModel
    dialect: Dialect

    @property
    def left(self) -> int:
        """How many questions are still to be put."""
        return len(self.questions) - len(self.journal.answers)


def prepare(request: Request) -> Run:
    """Find specifications, questions and backend. Raises SessionError or ProbeError, with one message."""
    with ThreadPoolExecutor(1) as pool:
        # A process, which loads the framework meanwhile.
        probed = pool.submit(probe, request.settings.backend, memory=request.allowed)
        selection, paths = selection_of(request.settings)
        backend = probed.result()
    rerun = Rerun(request.settings, paths)
    try:
        entries = read_all(map(Path, backend.deviations))
        model = model_of(request.settings, backend.number_model)
        dialect = dialect_of(request.settings, backend.dialect)
    except (DeviationsError, ValueError) as error:
        raise SessionError(str(error)) from error
    journal = Journal(folder("runs") / f"{key_of(_facts(request, selection, backend))}.jsonl")
    if not request.resume:
        journal.clear()
    known = KnownDeviations(entries, backend.version)
    selection = selection.in_dialect(dialect)
    return Run(request, selection, backend, known, rerun, select(selection), journal, model, dialect)


def perform(run: Run, heard: Callable[[CheckResult], None]) -> Results:
    """Put the questions that are left, and sum up; an interrupted run's results are not complete.

    Raises CollapseError where the backend's processes end before they can be asked.
    """

    def keep(asked: CheckResult) -> None:
        run.journal.add(asked)
        heard(asked)

    began = time.monotonic()
    level = run.request.settings.level
    if level == "exhaustive":
        _sweep(run)
    timeout = run.request.timeout or TIMEOUTS[level]
    supervisor = Supervisor({q.id: q for q in run.questions}, run.rerun, keep, timeout, run.request.allowed)
    if run.left:
        supervisor.run(min(run.request.workers, run.left), tuple(run.journal.answers))
    complete = not run.left
    if not complete and not supervisor.interrupted:
        raise CollapseError("pytest stopped early")
    results = replace(_results(run, complete), seconds=round(time.monotonic() - began, 1))
    if complete:
        run.journal.clear()
    return results


def _sweep(run: Run) -> None:
    """Do the sweeps that the questions will ask for, on all cores; the questions find them in the ledgers.

    A task that fails here is tried once more when its question is put, and told there.
    """
    asked = [q for q in run.questions if q.id not in run.journal.answers and is_swept(q, "exhaustive")]
    jobs = [
        Job(
            run.request.settings.backend,
            run.rerun.paths.get(q.activation, q.activation),
            tuple(q.variant.given.items()),
            q.quantity,
            number_model=str(judging(run.model, run.dialect, q.spec)),
            dialect=run.dialect.name,
        )
        for q in asked
        if not run.backend.unavailable
        and q.format in run.backend.formats
        and q.activation not in run.backend.lacks
    ]
    if not jobs:
        return
    workers, first = run.request.workers, partial(warm_up, run.request.settings.backend)
    with (
        sweep_progress.progress_bar(2 * MAGNITUDES * len(jobs), sys.stderr) as tell,
        opened("local", workers, first=first) as executors,
    ):
        sweep(jobs, run.backend, Driver(executors, work, workers, memory=run.request.allowed), tell)


def _results(run: Run, complete: bool) -> Results:
    answers = {q.id: run.journal.answers[q.id] for q in run.questions if q.id in run.journal.answers}
    records = [asked.record for asked in answers.values()]
    specs = {spec.id: spec for spec in run.selection.specs}
    return Results(
        complete=complete,
        backend=documents.backend_record(run.backend),
        environment=documents.environment(),
        level=run.request.settings.level,
        profile=run.request.settings.profile,
        number_model=str(run.model),
        dialect=run.dialect.name,
        seed=run.request.settings.seed,
        spec_digest=loading.digest_of(run.selection.specs),
        left_out=left_out(run.selection),
        checks=(*records, *review(run.known, run.selection, answers, run.rerun)),
        faults=distinct(records, specs),
    )


def _facts(request: Request, selection: Selection, backend: Backend) -> dict[str, Any]:
    """Everything on which an answer depends, as far as it can be known."""
    deviations = b"".join(Path(path).read_bytes() for path in backend.deviations)
    return {
        "version": __version__,
        "code": code_digest(),
        "backend": asdict(backend),
        "deviations": hashlib.sha256(deviations).hexdigest(),
        "specs": loading.digest_of(selection.specs),
        "settings": asdict(request.settings),
    }


__all__ = [
    "CollapseError",
    "ProbeError",
    "Request",
    "Run",
    "SessionError",
    "perform",
    "prepare",
]
