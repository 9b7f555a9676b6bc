"""`check`, `assert_conforms` and `sweep`: what others call."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from os import PathLike
from typing import Any

from actcheck.conformance.backends.asker import UnansweredError, ended
from actcheck.conformance.backends.guard.guarded import guard
from actcheck.conformance.deviations.known import KnownDeviations
from actcheck.conformance.library.asked import ASKED, Examined, Options
from actcheck.conformance.library.report import CheckAgain, Report
from actcheck.conformance.model import Answer, Failure, Question
from actcheck.conformance.results.records import settle
from actcheck.conformance.run.asking import ask, failure
from actcheck.conformance.sweep.every_input import ask_once, swept_here
from actcheck.conformance.sweep.job import MAGNITUDES
from actcheck.conformance.sweep.progress import progress_bar
from actcheck.reference.judging.number_models import judged_in
from actcheck.reference.specification.model import Spec

Function = Callable[..., Any]
Activation = str | PathLike[str] | Spec


def check(
    function: Function,
    activation: Activation,
    /,
    dtypes: Sequence[str] = ("float32",),
    quantities: Sequence[str] | None = None,
    *,
    level: str = "quick",
    gradient: Function | None = None,
    like: str = "numpy",
    device: str | None = None,
    number_model: str = "ieee",
    profile: str = "standard",
    checks: Sequence[str] = ASKED,
    seed: int = 0,
    **parameters: Any,
) -> Report:
    """Put the suite's questions about an activation to a bare function, in this process.

    The function is called with one array, and returns one of the same shape and format; parameters say what
    it computes and are not passed to it (bind them: ``check(partial(my_elu, alpha=2.0), "elu", alpha=2.0)``),
    but for arrays of weights (prelu's), which it gets by name, with the values that the questions need.
    Arrays are numpy's, or those of ``like`` (``"torch"``, ``"jax"``, ``"cupy"``) on a ``device``.
    ``gradient`` is a function of x and the upstream; without it that of torch or jax is asked for, if
    ``quantities`` name it.

    ``dtypes`` are float16, bfloat16, float32 and float64; ``quantities`` forward and gradient; ``level``
    quick, full or exhaustive (every float32 input); ``number_model`` what its arithmetic documents;
    ``profile`` standard or strict; ``checks`` some of accuracy, special_values, kinks, properties, shapes and
    consistency (a function for contiguous arrays of one dimension leaves out shapes).

    Raises ValueError or TypeError where something is asked for that is not there, with what to do.

    >>> import actcheck, numpy as np
    >>> report = actcheck.check(lambda x: np.maximum(x, 0), "relu")
    >>> report.passed, report.faults
    (True, ())
    """
    options = Options(dtypes, quantities, level, gradient, like, device, number_model, profile, seed)
    examined = Examined.of(function, activation, parameters, options)
    began = time.perf_counter()
    asked = [(question, ask(question, examined.context)) for question in examined.questions(checks)]
    return _report(examined, asked, time.perf_counter() - began)


def assert_conforms(function: Function, activation: Activation, /, *options: Any, **named: Any) -> Report:
    """Raise AssertionError, with the text of the report, where a function does not conform.

    Arguments, and the errors of bad ones, are those of `check`; the report is returned where it passed.

    >>> import actcheck, numpy as np
    >>> actcheck.assert_conforms(lambda x: np.maximum(x, 0.01), "relu", checks=["accuracy"])
    Traceback (most recent call last):
        ...
    AssertionError: <lambda> is not relu (default): 1 distinct fault behind 1 of 1 checks
    ...
    """
    __tracebackhide__ = True  # pytest shows the line of the caller
    report = check(function, activation, *options, **named)
    if not report.passed:
        raise AssertionError(str(report))
    return report


def sweep(
    function: Function,
    activation: Activation,
    /,
    quantity: str = "forward",
    *,
    gradient: Function | None = None,
    like: str = "numpy",
    device: str | None = None,
    number_model: str = "ieee",
    profile: str = "standard",
    progress: bool = True,
    **parameters: Any,
) -> Report:
    """Judge a bare function at every float32 input, 4,294,967,296 of them, or so its gradient.

    The largest error that the report tells is proven: no input has a larger one. Arguments are those of
    `check`; ``progress`` shows a bar on standard error. One core judges some hundred million inputs a second
    beside the time that the function takes. Element-wise activations only.

    Raises ValueError or TypeError as `check` does.

    >>> import actcheck, numpy as np
    >>> report = actcheck.sweep(lambda x: np.maximum(x, 0), "relu", progress=False)  # doctest: +SKIP
    """
    asked = (("float32",), (quantity,), "exhaustive")
    examined = Examined.of(
        function, activation, parameters, Options(*asked, gradient, like, device, number_model, profile)
    )
    if not examined.spec.elementwise:
        raise ValueError(f"{examined.spec.id} cannot be swept: only element-wise activations can; use check")
    question = Question("accuracy", examined.spec, examined.variant, "float32", quantity)
    began = time.perf_counter()
    answer = _swept(examined, question, progress)
    return _report(examined, [(question, answer)], time.perf_counter() - began)


def _swept(examined: Examined, question: Question, progress: bool) -> Answer | Failure:
    adapter = guard(examined.adapter)
    shown = progress_bar(2 * MAGNITUDES, sys.stderr) if progress else nullcontext(lambda _: None)
    try:
        with judged_in(examined.number_model), shown as tell:
            ask_once(question, adapter)
            return swept_here(question, examined.profile, adapter, tell)
    except UnansweredError as error:
        return ended(error)
    except Exception as error:  # whatever the function raises
        return failure(error, examined.adapter)


def _report(examined: Examined, asked: Sequence[tuple[Question, Answer | Failure]], seconds: float) -> Report:
    known, again = KnownDeviations((), ""), CheckAgain.of(examined)
    records = tuple(settle(question, answer, known, again).record for question, answer in asked)
    return Report.of(examined, records, seconds)
