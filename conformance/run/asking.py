"""Putting one question to one backend: an answer, or what went wrong on the way."""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType

import numpy as np

from actcheck.adapters.base import Adapter, BackendLostError
from actcheck.adapters.raised import text_of
from actcheck.conformance.backends.asker import UnansweredError, ended
from actcheck.conformance.backends.guard.guarded import ENVIRONMENT_CHANGED, Guarded, guard, unguarded
from actcheck.conformance.backends.guard.process import BlindedError, Process, listening
from actcheck.conformance.backends.support import lacking
from actcheck.conformance.checks import CHECKS
from actcheck.conformance.model import Answer, Check, Context, Failure, Fault, Finding, Question
from actcheck.reference.judging.number_models import judged_in


def ask(question: Question, context: Context, checks: Iterable[Check] = CHECKS) -> Answer | Failure:
    """The answer to a question. An exception on the way is a `Failure`, never a verdict.

    The check asks a guarded backend; what that shows beside its answers is added to the faults.
    """
    check = next(c for c in checks if c.name == question.check)
    adapter = guard(context.adapter)
    adapter.taken()  # what earlier questions left
    with listening() as heard:
        process = Process()
        try:
            answer: Answer | Failure = _asked(question, replace(context, adapter=adapter), check)
        except BackendLostError as error:
            answer = Failure("backend", str(error), "")
        except BaseException as error:  # what a backend raises ends its question, whatever it is
            if isinstance(error, KeyboardInterrupt) and heard.interrupt:
                raise
            answer = failure(error, unguarded(adapter))
            if isinstance(error, RecursionError) and process.shallower:
                answer = replace(answer, who="backend")
        return _restored(answer, process, adapter)


def _asked(question: Question, context: Context, check: Check) -> Answer:
    # What a backend warns of shows in its results; it must not become an exception on the way.
    with warnings.catch_warnings(), np.errstate(all="ignore"), judged_in(context.judging(question.spec)):
        warnings.simplefilter("ignore")
        return _answer(question, context, check)


def _restored(answer: Answer | Failure, process: Process, adapter: Guarded) -> Answer | Failure:
    """The answer, with what the calls left otherwise."""
    try:
        changes = process.restored()
    except BlindedError as error:
        return Failure("backend", f"the backend {error}: nothing can be said of this question", "")
    for change in changes:
        told = f"after a question {change}; leave it as it is"
        adapter.note(change, Fault(ENVIRONMENT_CHANGED, f"{ENVIRONMENT_CHANGED}: {told}"))
    faults = adapter.taken()
    return answer if isinstance(answer, Failure) else _with(answer, faults)


def _answer(question: Question, context: Context, check: Check) -> Answer:
    try:
        return lacking(question, context.adapter) or check.answer(question, context)
    except UnansweredError as error:
        return ended(error)


def _with(answer: Answer, faults: tuple[Fault, ...]) -> Answer:
    """The answer with more faults; what a call left changed is told even where there is no answer."""
    if not faults:
        return answer
    known = answer if isinstance(answer, Finding) else Finding()
    return replace(known, faults=(*known.faults, *faults))


def failure(error: BaseException, adapter: Adapter) -> Failure:
    """Who broke, what happened and where. A trace that passes the adapter's file is the backend's."""
    frames = traceback.extract_tb(_tail(error.__traceback__))
    own = {getattr(sys.modules.get(c.__module__), "__file__", None) for c in type(adapter).__mro__}
    theirs = [f for f in frames if f.filename in own and f.name != "ask"]
    frame = theirs[-1] if theirs else (frames[-1] if frames else None)
    what = f"{type(error).__name__}: {text_of(error)}".strip().removesuffix(":")
    where = f"{frame.filename}:{frame.lineno}" if frame else ""
    return Failure("backend" if theirs else "harness", what, where, raised=True)


def _tail(trace: TracebackType | None) -> TracebackType | None:
    return trace.tb_next if trace is not None and trace.tb_next is not None else trace
