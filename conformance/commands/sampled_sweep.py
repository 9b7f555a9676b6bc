"""``actcheck sweep --points``: a sampled sweep as the command asks for it."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import BrokenExecutor
from functools import partial

from actcheck.conformance import numerals
from actcheck.conformance.backends.fingerprint import identity
from actcheck.conformance.backends.probe import Backend
from actcheck.conformance.commands.run import memory_of
from actcheck.conformance.model import Answer, Failure, Question
from actcheck.conformance.sampling import sampled_sweep
from actcheck.conformance.sampling.drawing import PART, parts
from actcheck.conformance.sweep import progress
from actcheck.conformance.sweep.executors import opened
from actcheck.conformance.sweep.job import Job
from actcheck.conformance.sweep.ledger import Ledger
from actcheck.conformance.sweep.scheduler import Driver
from actcheck.conformance.sweep.work import warm_up
from actcheck.conformance.usage import UsageError

_MOST_POINTS = 10**13


def check_points(arguments: argparse.Namespace) -> None:
    """Raise UsageError for a number of points that is none, or that is never done."""
    if arguments.points is None:
        return
    if arguments.points < 1 or arguments.dtype != "float64":
        raise UsageError("--points takes a positive number, and --dtype float64 beside it")
    if arguments.points > _MOST_POINTS:
        raise UsageError(f"--points {arguments.points}: at most {_MOST_POINTS:.0e}, which take days")


def ledger_of(question: Question, backend: Backend, arguments: argparse.Namespace) -> Ledger:
    """Where the parts of the sample that the command asks for are written down."""
    seed, count = arguments.seed, arguments.points
    return Ledger.of(question, identity(backend), range(parts(count)), [seed, count, PART])


def sampled(
    question: Question, job: Job, backend: Backend, arguments: argparse.Namespace
) -> Answer | Failure:
    """Do what is left of the sample, and tell how far it has come. Raises UsageError."""
    seed, count, ledger = arguments.seed, arguments.points, ledger_of(question, backend, arguments)
    if arguments.fresh:
        ledger.clear()
    began, done = time.perf_counter(), len(ledger.parts)
    if done:
        told = f"continuing an interrupted sweep: {done} of {len(ledger.numbers)} parts are judged"
        print(f"{told} (--fresh starts anew)", file=sys.stderr)
    first = partial(warm_up, arguments.backend)
    with (
        opened(arguments.executor, arguments.workers, arguments.scheduler, first) as executors,
        progress.progress_bar(len(ledger.left) * min(PART, count), sys.stderr) as tell,
    ):
        driver = Driver(
            executors, sampled_sweep.work, arguments.workers, arguments.timeout, memory_of(arguments)
        )
        try:
            wrong = sampled_sweep.sweep(job, driver, ledger, seed, count, tell)
        except BrokenExecutor as error:
            raise UsageError(f"the processes of the backend {arguments.backend} die: {error}") from None
    if wrong:
        place = f"{numerals.count(len(wrong), 'part')}; the same command tries again"
        return Failure("backend", "; ".join(wrong[:3]), place)
    return sampled_sweep.answer(question, arguments.profile, ledger, seed, time.perf_counter() - began)
