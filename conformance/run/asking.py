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
from actcheck.conformance.backends.asker import UnansweredError, ended
from actcheck.conformance.backends.guard.guarded import guard, unguarded
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
    try:
        # What a backend warns of shows in its results; it must not become an exception on the way.
        with warnings.catch_warnings(), np.errstate(all="ignore"), judged_in(context.judging(question.spec)):
            warnings.simplefilter("ignore")
            answer = _answer(question, replace(context, adapter=adapter), check)
            return _with(answer, adapter.taken())
    except BackendLostError as error:
        return Failure("backend", str(error), "")
    except (Exception, SystemExit) as error:
        return failure(error, unguarded(adapter))


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
    what = f"{type(error).__name__}: {error}".strip().removesuffix(":")
    where = f"{frame.filename}:{frame.lineno}" if frame else ""
    return Failure("backend" if theirs else "harness", what, where, raised=True)


def _tail(trace: TracebackType | None) -> TracebackType | None:
    return trace.tb_next if trace is not None and trace.tb_next is not None else trace
