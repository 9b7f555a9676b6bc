"""Normalizing activations are asked all that applies: what is asked, what is told, and no false alarm."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import actcheck
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.model import Context, Finding, Question
from actcheck.conformance.pictures.plotting import panels
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification import loading
from tests.support.thorough import one_in

NAMES = ("softmax", "log_softmax", "softmin")


def questions(name: str, level: Any = "quick", checks: tuple[str, ...] = ()) -> list[Question]:
    return select(Selection((loading.find(name),), level, checks=checks))


def found(question: Question, seed: int = 0, adapter: Any = None) -> Finding:
    answer = ask(question, Context(adapter or NumpyAdapter(), seed=seed))
    assert isinstance(answer, Finding), answer
    return answer


@pytest.mark.parametrize("name", NAMES)
def test_all_checks_that_apply_are_asked(name: str) -> None:
    asked = {(q.check, q.quantity) for q in questions(name)}
    both = {
        (c, q)
        for c in ("accuracy", "special_values", "shapes", "consistency")
        for q in ("forward", "gradient")
    }
    structure = {("structure", q) for q in ("forward", "gradient", "refused_sizes")}
    once = {("properties", "forward"), ("dtypes", "forward"), ("module_form", "forward")}
    assert asked == both | structure | once | {("defaults", "any"), ("refused_parameters", "any")}


@pytest.mark.parametrize("seed", one_in(3, range(3)))
@pytest.mark.parametrize("name", NAMES)
def test_a_right_backend_raises_no_alarm(name: str, seed: int) -> None:
    assert [f.message for q in questions(name) for f in found(q, seed).faults] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_row_without_a_term_is_noted(name: str) -> None:
    (question,) = questions(name, checks=(f"special_values-{name}-default-float32-forward",))
    assert found(question).notes["masked_rows"] == "NaN"


class Zeros(NumpyAdapter):
    """Rows of minus infinities are zeros, as some masks have it."""

    def call(self, activation: str, x: Any, parameters: Any) -> Any:
        lost = np.isneginf(x.astype(np.float64)).all(axis=parameters["dim"], keepdims=True)
        y = super().call(activation, x, parameters)
        return np.where(lost, np.zeros_like(y), y)


def test_what_becomes_of_it_is_no_fault() -> None:
    (question,) = questions("softmax", checks=("special_values-softmax-default-float32-forward",))
    answer = found(question, adapter=Zeros())
    assert (answer.faults, answer.notes["masked_rows"]) == ((), "zeros")


def softmax(x: Any, dim: int = -1) -> Any:
    if not x.size:
        return x
    power = np.exp(x - x.max(axis=dim, keepdims=True))
    return (power / power.sum(axis=dim, keepdims=True, dtype=np.float64)).astype(x.dtype)


def test_a_bare_function_is_held_to_it() -> None:
    checks = ("accuracy", "special_values", "properties")
    assert actcheck.check(softmax, "softmax").passed
    assert actcheck.check(partial(softmax, dim=0), "softmax", dim=0).passed
    report = actcheck.check(lambda x: softmax(x) * np.float32(1.001), "softmax", checks=checks)
    assert not report.passed
    assert "softmax: sums off by up to" in str(report)


def test_single_elements_have_no_answer_and_the_message_says_so() -> None:
    with pytest.raises(ValueError, match="its results are sums"):
        actcheck.exact("softmax", np.zeros(3))
    with pytest.raises(ValueError, match="only element-wise activations can; use check"):
        actcheck.sweep(softmax, "softmax")


def test_a_kernel_of_ones_own_is_asked_the_same(tmp_path: Path) -> None:
    text = Path(loading.find("softmax").path).read_text("utf-8")
    own = tmp_path / "base_two.yaml"
    own.write_text(
        text.replace("id: softmax", "id: base_two").replace(
            "exp(x)/sum(exp(x))", "exp(x*0.5)/sum(exp(x*0.5))"
        ),
        "utf-8",
    )
    assert actcheck.check(lambda x: softmax(x / 2), own, checks=("accuracy",)).passed
    assert not actcheck.check(softmax, own, checks=("accuracy",)).passed


def test_the_picture_is_that_of_a_row_of_two() -> None:
    spec = loading.find("softmax")
    curve, slope = (panel.curve.lines[0] for panel in panels(spec, spec.default))
    assert dict(curve)[0.0] == pytest.approx(0.5)
    assert dict(slope)[0.0] == pytest.approx(0.25)
