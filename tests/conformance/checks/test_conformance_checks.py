"""The checks against planted faults, and against a backend without any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from actcheck.adapters.base import Adapter
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.deviations.known import Deviation, Excuse, KnownDeviations
from actcheck.conformance.model import Context, Finding, Level, Profile, Question, Settings
from actcheck.conformance.results.records import settle
from actcheck.conformance.results.rerun import Rerun
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification.loading import find, load_all
from tests.support.faults.planted import Planted, scaled_by, where
from tests.zoo.collection import find as planted


def question(identity: str, level: Level = "quick") -> Question:
    specs = tuple(load_all().values())
    (found,) = select(Selection(specs, level, checks=(identity,)))
    return found


def answered(
    identity: str, adapter: Adapter, seed: int = 0, profile: Profile = "standard", level: Level = "quick"
) -> Finding:
    answer = ask(question(identity, level), Context(adapter, level, profile, seed))
    assert isinstance(answer, Finding), answer
    return answer


SAMPLED = [
    "accuracy-gelu-default-float32-forward",
    "accuracy-mish-default-float32-gradient",
    "accuracy-softplus-beta=0.3,threshold=0-float32-forward",
    "accuracy-tanhshrink-default-float64-forward",
    "accuracy-prelu-default-float32-forward",
    "accuracy-crelu-default-float32-forward",
    "accuracy-glu-default-bfloat16-forward",
    "accuracy-glu-default-float32-forward",
]


@pytest.mark.parametrize("identity", SAMPLED)
def test_no_false_alarm_whatever_the_seed(identity: str) -> None:
    for seed in range(1, 21 if "float64" not in identity else 4):
        assert answered(identity, NumpyAdapter(), seed).faults == (), seed


def test_a_fault_tells_input_result_and_exact_value() -> None:
    found = answered(
        "accuracy-tanh-default-float16-forward", planted("tanh: one wrong input of 65,536").make()
    )
    (fault,) = found.faults
    assert "x = 0x1.8p+0 (1.5): got 0x1.dp-1 (0.90625)" in fault.message
    assert "expected 0x1.cf6f9786df577p-1" in fault.message
    assert fault.inputs == ((1.5, 1.5),)
    assert fault.size is not None
    assert 1.5 < fault.size < 2.5
    assert found.verdict is not None
    assert (found.points, found.exhaustive) == (65536, True)
    assert (found.verdict.not_faithful, found.grade) == (1, "loose")


def test_special_values_tell_where_the_results_differ() -> None:
    found = answered(
        "special_values-sigmoid-default-float32-forward", planted("sigmoid: NaN becomes 0 in the tail").make()
    )
    (fault,) = found.faults
    assert "the results differ by place: 0.0 in" in fault.message
    assert "first length 4, place 3" in fault.message
    assert np.isnan(fault.inputs[0][0])


def test_runs_of_inputs_beyond_the_budget_are_told_apart() -> None:
    two = Planted(
        "tanh", lambda x, y, p: np.where((np.abs(x) > 100) & (np.abs(x) < 999), y * x.dtype.type(0.9), y)
    )
    found = answered("accuracy-tanh-default-float16-forward", two)
    spans = sorted(fault.inputs[0] for fault in found.faults)
    assert spans == [(-998.5, -100.0625), (100.0625, 998.5)]


def test_a_known_deviation_does_not_hide_a_new_fault() -> None:
    nan_at_infinity = where(lambda x: x == -np.inf, np.nan)
    entry = Deviation(
        activation=("gelu",),
        check=("accuracy",),
        excuses=(Excuse("wrong_nan", inputs=((-np.inf, -np.inf),)),),
        seen="NaN at -inf",
        why="inf times 0",
    )
    known, rerun = KnownDeviations((entry,)), Rerun(Settings("planted"))
    asked = question("accuracy-gelu-default-float32-forward")

    def outcome(adapter: Adapter) -> str:
        answer = ask(asked, Context(adapter))
        return str(settle(asked, answer, known, rerun).record.outcome)

    both = Planted("gelu", lambda x, y, p: scaled_by(1.000003)(x, nan_at_infinity(x, y, p), p))
    assert outcome(Planted("gelu", nan_at_infinity)) == "known_deviation"
    assert outcome(both) == "fail"
    assert outcome(Planted("gelu", where(np.isinf, np.nan))) == "fail"
    assert outcome(NumpyAdapter()) == "pass"


def test_what_quick_asks_full_asks_too() -> None:
    specs = tuple(load_all().values())
    quick, full = ({q.id for q in select(Selection(specs, level))} for level in ("quick", "full"))
    assert quick < full


def test_ids_are_unique() -> None:
    ids = [q.id for q in select(Selection(tuple(load_all().values()), "full"))]
    assert len(ids) == len(set(ids))


def test_every_activation_has_a_question_about_its_accuracy() -> None:
    asked = {q.activation for q in select(Selection(tuple(load_all().values()), checks=("accuracy",)))}
    assert asked >= {spec.id for spec in load_all().values() if spec.kind != "attention"}


def test_weights_that_overflow_the_format_are_not_asked_about() -> None:
    full = select(Selection((find("prelu"),), "full", ("float16",)))
    assert full
    assert not [q for q in full if "1e+30" in q.id]


def test_a_backend_without_gradients_is_unsupported_not_wrong() -> None:
    adapter = NumpyAdapter()
    asked = replace(question("accuracy-gelu-default-float32-gradient"), quantity="gradient")
    adapter.call_gradient = Adapter.call_gradient.__get__(adapter)  # type: ignore[method-assign]
    answer = ask(asked, Context(adapter))
    record = settle(asked, answer, KnownDeviations(), Rerun(Settings("numpy"))).record
    assert record.outcome == "unsupported"
    assert record.message == "numpy computes no gradients"
