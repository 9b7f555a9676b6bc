"""From a question to its outcome: what answers, failures and lacks become."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Description
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.deviations.known import Deviation, Excuse, KnownDeviations
from actcheck.conformance.model import (
    Answer,
    Context,
    Failure,
    Fault,
    Finding,
    Level,
    NotApplicable,
    Question,
    Settings,
)
from actcheck.conformance.results.json_form import plain, restored
from actcheck.conformance.results.model import CheckRecord
from actcheck.conformance.results.records import CheckResult, settle
from actcheck.conformance.results.rerun import Rerun
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.failure_text import failure_text
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification.loading import find, load_all
from actcheck.reference.specification.model import Spec
from tests.support.faults.planted import Planted
from tests.support.faults.planted_breaking import Broken, Hostile

RERUN = Rerun(Settings("planted"))


def question(identity: str) -> Question:
    (found,) = select(Selection(tuple(load_all().values()), checks=(identity,)))
    return found


SMALL = question("special_values-relu-default-float32-forward")


class Scripted:
    """A check that answers as it is told."""

    name = "special_values"

    def __init__(self, answer: Answer | BaseException) -> None:
        self.given = answer

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        yield Question(self.name, spec, spec.default, "float32", "forward")

    def answer(self, question: Question, context: Context) -> Answer:
        if isinstance(self.given, BaseException):
            raise self.given
        return self.given


def outcome(answer: Answer | Failure, known: KnownDeviations | None = None) -> CheckRecord:
    return settle(SMALL, answer, known or KnownDeviations(), RERUN).record


def test_a_backend_that_raises_breaks_no_more_than_its_question() -> None:
    answer = ask(SMALL, Context(Broken()))
    assert isinstance(answer, Failure)
    assert (answer.who, answer.what) == ("backend", "RuntimeError: no kernel for this")
    assert "planted_breaking.py:" in answer.where


def test_a_backend_that_exits_does_not_end_the_run() -> None:
    answer = ask(question("special_values-silu-default-float32-forward"), Context(Broken()))
    assert isinstance(answer, Failure)
    assert (answer.who, answer.what) == ("backend", "SystemExit: 3")


def test_a_known_exception_is_a_known_deviation() -> None:
    known = KnownDeviations(
        (Deviation(("relu",), ("special_values",), (Excuse("raised"),), "no kernel", "none yet"),)
    )
    assert outcome(ask(SMALL, Context(Broken())), known).outcome == "known_deviation"
    assert outcome(Failure("backend", "the process died", ""), known).outcome == "error"
    assert outcome(Failure("harness", "a slip", "", raised=True), known).outcome == "error"


def test_what_breaks_outside_the_backend_is_the_harness() -> None:
    answer = ask(SMALL, Context(NumpyAdapter()), [Scripted(ZeroDivisionError("a slip"))])
    assert isinstance(answer, Failure)
    assert (answer.who, answer.what) == ("harness", "ZeroDivisionError: a slip")
    found = outcome(answer)
    assert found.outcome == "error"
    assert found.message.startswith("harness error: ZeroDivisionError: a slip (")


def test_an_interrupt_passes() -> None:
    def interrupted(x: Any, y: Any, parameters: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return y

    with pytest.raises(KeyboardInterrupt):
        ask(SMALL, Context(Planted("relu", interrupted)))


def test_an_interrupt_that_is_only_raised_ends_the_question_alone() -> None:
    found = ask(SMALL, Context(NumpyAdapter()), [Scripted(KeyboardInterrupt())])
    assert isinstance(found, Failure)
    assert found.what == "KeyboardInterrupt"


def test_whoever_meets_a_limit_of_recursion_that_was_lowered_it_is_the_backends() -> None:
    class Met(Scripted):
        def answer(self, question: Question, context: Context) -> Answer:
            sys.setrecursionlimit(sys.getrecursionlimit() - 1)
            raise RecursionError("maximum recursion depth exceeded")

    found = ask(SMALL, Context(NumpyAdapter()), [Met(KeyboardInterrupt())])
    assert isinstance(found, Failure)
    assert found.who == "backend"
    found = ask(SMALL, Context(NumpyAdapter()), [Scripted(RecursionError("maximum recursion depth"))])
    assert isinstance(found, Failure)
    assert found.who == "harness"


def test_warnings_of_a_backend_are_no_errors() -> None:
    def warns(x: Any, y: Any, parameters: Any) -> Any:
        np.exp(x.dtype.type(80) * np.ones(3, x.dtype) * 80)
        return y

    answer = ask(SMALL, Context(Planted("relu", warns)))
    assert isinstance(answer, Finding), answer
    assert answer.faults == ()


class Unavailable(NumpyAdapter):
    def describe(self) -> Description:
        return Description("nothing", "0", "cuda", unavailable="no such device")


class Narrow(NumpyAdapter):
    name = "narrow"

    def describe(self) -> Description:
        return Description("narrow", "0", "cpu", formats=("float64",))

    def functions(self) -> Any:
        return {name: f for name, f in super().functions().items() if name != "relu"}

    def attention_paths(self) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize(
    ("adapter", "identity", "reason"),
    [
        (Unavailable(), "special_values-relu-default-float32-forward", "no such device"),
        (Narrow(), "special_values-silu-default-float32-forward", "narrow has no float32"),
        (Narrow(), "special_values-relu-default-float64-forward", "narrow has no relu"),
        (Narrow(), "defaults-relu6-*", None),
    ],
)
def test_what_a_backend_lacks_is_not_asked(adapter: NumpyAdapter, identity: str, reason: str | None) -> None:
    if reason is None:
        assert select(Selection((find("relu6"),), checks=(identity,))) == []
        return
    assert ask(question(identity), Context(adapter)) == NotApplicable(reason)


FAULT = Fault("wrong_nan", "x = -inf: got nan", 1.0, ((-np.inf, -np.inf),))
KNOWN = KnownDeviations(
    (
        Deviation(
            ("relu",),
            ("special_values",),
            (Excuse("wrong_nan", None, ((-np.inf, -np.inf),)),),
            "NaN",
            "a slip",
        ),
    )
)


@pytest.mark.parametrize(
    ("answer", "known", "expected", "message"),
    [
        (Finding(), KnownDeviations(), "pass", None),
        (Finding(message="seen at construction"), KnownDeviations(), "pass", "seen at construction"),
        (Finding((FAULT,)), KnownDeviations(), "fail", "x = -inf: got nan"),
        (Finding((FAULT,)), KNOWN, "known_deviation", "NaN (a slip)"),
        (Finding((FAULT, Fault("max_ulp", "also", 9.0))), KNOWN, "fail", "also"),
        (Finding(), KNOWN, "pass", None),
        (NotApplicable("not here"), KNOWN, "unsupported", "not here"),
        (Failure("backend", "died", "f.py:3"), KNOWN, "error", "backend error: died (f.py:3)"),
    ],
)
def test_outcomes(
    answer: Answer | Failure, known: KnownDeviations, expected: str, message: str | None
) -> None:
    found = outcome(answer, known)
    assert (found.outcome, found.message or None) == (expected, message)
    assert found.rerun == (
        "actcheck run --backend planted --activation relu --check special_values-relu-default-float32-forward"
    )


def test_what_was_asked_survives_being_written_down() -> None:
    one = settle(SMALL, Finding((Fault("max_ulp", "also", 9.0, ((1.0, np.inf),)),)), KNOWN, RERUN)
    assert restored(CheckResult, json.loads(json.dumps(plain(one)))) == one


def test_a_rerun_repeats_every_option() -> None:
    rerun = Rerun(
        Settings("my dir/mine.py:Mine", level="full", profile="strict", seed=7), {"relu": "own/relu.yaml"}
    )
    assert rerun.command(SMALL) == (
        "actcheck run --backend 'my dir/mine.py:Mine' --activation own/relu.yaml"
        " --check special_values-relu-default-float32-forward --level full --profile strict --seed 7"
    )


def test_a_message_fits_a_screen() -> None:
    faults = tuple(Fault("max_ulp", f"x = {i}: got {i}", float(i)) for i in range(50))
    one = settle(SMALL, Finding(faults), KnownDeviations(), RERUN)
    lines = failure_text(SMALL, one).splitlines()
    assert lines[0] == "relu (default), float32 forward: special_values failed"
    assert lines[-2] == "  and 42 faults more"
    assert lines[-1].startswith("  again: actcheck run --backend planted ")
    assert len(lines) < 20


def test_text_of_a_backend_carries_no_control_characters() -> None:
    adapter = Hostile()
    for identity in ("special_values-silu-*-float32-forward", "special_values-mish-*-float32-forward"):
        asked = question(identity)
        message = settle(asked, ask(asked, Context(adapter)), KnownDeviations(), RERUN).record.message
        assert "\x1b" not in message


class NotesEverything(Scripted):
    def __init__(self) -> None:
        notes = {"inf": np.inf, "numpy": np.float32(2), "array": np.arange(2), "deep": [{"x": (1, np.nan)}]}
        super().__init__(Finding(notes=notes))


def test_notes_become_json() -> None:
    answer = ask(SMALL, Context(NumpyAdapter()), [NotesEverything()])
    assert not isinstance(answer, Failure)
    found = outcome(answer)
    assert found.notes == {"inf": "inf", "numpy": 2.0, "array": [0, 1], "deep": [{"x": [1, "nan"]}]}
