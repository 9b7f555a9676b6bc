"""A gated and a channelwise activation of a user's own are asked all that glu and prelu are asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Function
from actcheck.adapters.torch_backend import TorchAdapter
from actcheck.conformance.model import Context, Finding, Question
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.conformance.sweep.gated_pairs import paired
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.gates import gate_signs
from actcheck.reference.judging.points import Points
from actcheck.reference.specification import loading
from actcheck.reference.specification.elements import gate
from tests.support.folders import DATA
from tests.support.frameworks import framework
from tests.support.thorough import one_in

torch = framework("torch")

BILINEAR, RISING = (loading.load(DATA / f"{name}.yaml") for name in ("bilinear", "rising"))


def halves(x: Any, dim: int) -> tuple[Any, Any]:
    if x.ndim == 0 or not -x.ndim <= dim < x.ndim or x.shape[dim] % 2:
        raise ValueError("no two halves")
    return tuple(x.chunk(2, dim))  # type: ignore[return-value]


def bilinear(x: Any, dim: int) -> Any:
    a, b = halves(x, dim)
    return a * b


def rising(x: Any, weight: Any, **_: Any) -> Any:
    channels = x.shape[1] if x.ndim > 1 else 1
    if len(weight) not in (1, channels):
        raise ValueError(f"{len(weight)} weights for {channels} channels")
    shape = [1, -1, *[1] * (x.ndim - 2)] if len(weight) > 1 else ()
    # Without the clamp, autograd multiplies what is left out with 0, and an infinity makes that NaN.
    return torch.where(x < 0, x, weight.reshape(shape) * x.clamp(min=0))


class Own(TorchAdapter):
    """Both, with one function exchanged."""

    def __init__(self, **functions: Function) -> None:
        super().__init__("cpu")
        self._own = {"bilinear": bilinear, "rising": rising, **functions}

    def functions(self) -> Any:
        """Nothing else."""
        return self._own


def questions(spec: Any, level: Any = "quick") -> list[Question]:
    return select(Selection((spec,), level))


def answers(spec: Any, adapter: Own) -> Iterator[tuple[Question, Finding]]:
    for question in questions(spec):
        found = ask(question, Context(adapter, "quick"))
        if isinstance(found, Finding):
            yield question, found


@pytest.mark.parametrize(("spec", "like"), [(BILINEAR, "glu"), (RISING, "prelu")], ids=["bilinear", "rising"])
def test_the_same_questions_are_asked(spec: Any, like: str) -> None:
    for level in ("quick", "full", "exhaustive"):
        own = {(q.check, q.quantity, q.format) for q in questions(spec, level)}
        assert own == {(q.check, q.quantity, q.format) for q in questions(loading.find(like), level)}


@pytest.mark.parametrize("spec", [BILINEAR, RISING], ids=["bilinear", "rising"])
def test_a_right_backend_passes(spec: Any) -> None:
    asked = [fault for _, found in answers(spec, Own()) for fault in found.faults]
    # The slope of a line is a number at NaN too, for torch; it is told of glu's and prelu's likewise. So is a
    # weight of 0 that meets an infinity, or one below 0 a zero.
    assert [
        f
        for f in asked
        if not (f.what == "wrong_nan" and all(math.isnan(low) for low, _ in f.inputs))
        and not f.what.startswith("weight:")
    ] == []


def beside(x: Any, dim: int) -> Any:
    a, b = halves(x, dim)
    return torch.where(b.abs() > 1000, a * b * (1 - 2**-6), a * b)


def swapped(x: Any, weight: Any, **_: Any) -> Any:
    return rising(x, weight.flip(0))


PLANTED: list[tuple[Any, Callable[..., Any], set[str]]] = [
    (BILINEAR, beside, {"accuracy"}),
    (BILINEAR, lambda x, dim: bilinear(x, -1), {"accuracy", "structure"}),
    (BILINEAR, lambda x, dim: bilinear(x, dim).abs(), {"accuracy", "structure"}),
    (BILINEAR, lambda x, dim: torch.nan_to_num(bilinear(x, dim), nan=float("nan")), {"accuracy"}),
    (RISING, lambda x, weight, **_: torch.where(x < 0, x, weight[:1] * x), {"structure"}),
    (RISING, swapped, {"structure"}),
    (RISING, lambda x, weight, **_: torch.where(x < 4, x, rising(x, weight)), {"accuracy", "structure"}),
]


@pytest.mark.parametrize("planted", one_in(3, PLANTED), ids=lambda p: f"{p[0].id}-{sorted(p[2])}")
def test_a_planted_fault_is_caught(planted: tuple[Any, Callable[..., Any], set[str]]) -> None:
    spec, function, checks = planted
    caught = {question.check for question, found in answers(spec, Own(**{spec.id: function})) if found.faults}
    assert checks <= caught


@pytest.mark.parametrize("start", one_in(4, (0x7F80 - 8, 0, 0x3F80 - 8, 0xFF80 - 8)))
def test_pairs_of_ones_own_are_swept(start: int) -> None:
    (question,) = (q for q in questions(BILINEAR) if q.id == "accuracy-bilinear-default-bfloat16-forward")
    found = paired(Own(), question, start, 16).verdict
    assert (found.not_correctly_rounded, dict(found.classes)) == (0, {})
    wrong = paired(Own(bilinear=beside), question, start, 16).verdict
    assert wrong.not_faithful or start in (0, 0x7F80 - 8, 0xFF80 - 8)


@pytest.mark.parametrize("function", one_in(2, (beside, bilinear)))
def test_pairs_beyond_the_largest_number_are_judged_like_points(function: Callable[..., Any]) -> None:
    (question,) = (q for q in questions(BILINEAR) if q.id == "accuracy-bilinear-default-float16-forward")
    adapter, form, start = Own(bilinear=function), FORMATS["float16"], 0x7BE0
    found = paired(adapter, question, start, 8).verdict
    every = form.every_pattern()
    a = np.repeat(every[start : start + 8], len(every)).reshape(8, -1)
    b = np.broadcast_to(every, a.shape)
    y = adapter.forward("bilinear", np.concatenate([a, b], axis=-1), {"dim": -1})
    assert isinstance(y, np.ndarray)
    plain = np.isfinite(a) & np.isfinite(b)
    bound = gate(BILINEAR, BILINEAR.default.parameters)
    wanted = Points.of(bound, "forward", form, b[plain], y[plain], a[plain].astype(np.float64))
    assert found.not_correctly_rounded == int((~wanted.correct).sum())
    assert found.not_faithful == int((~wanted.faithful).sum())
    assert (wanted.high[np.isinf(y[plain])] <= 0.5).all() or function is beside


def test_a_gate_too_small_for_any_precision_keeps_its_sign() -> None:
    glu = loading.find("glu")
    bound = gate(glu, glu.default.parameters)
    b = np.array([-np.inf, -FORMATS["float64"].largest, -800.0, 0.0, np.inf])
    assert gate_signs(bound, b).tolist() == [0, 1, 1, 1, 1]
    assert gate_signs(gate(BILINEAR, BILINEAR.default.parameters), b).tolist() == [-1, -1, -1, 0, 1]


@pytest.mark.parametrize(
    ("name", "before", "after", "message"),
    [
        ("bilinear", "a*b", "a + b", "a times a function of b"),
        ("bilinear", "a*b", "a*a", "a times a function of b"),
        ("bilinear", "a*b", "a*exp(b)", "no line is its limit"),
        (
            "rising",
            "weight*x",
            "weight*weight*x",
            "with respect to weight is not x or a number",
        ),
        ("rising", "weight*x", "weight*sigmoid(x)", "with respect to weight is not x or a number"),
    ],
)
def test_a_definition_that_cannot_be_taken_apart_is_refused(
    name: str, before: str, after: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text((DATA / f"{name}.yaml").read_text("utf-8").replace(f"value: {before}", f"value: {after}"))
    with pytest.raises(loading.SpecError, match=message) as refused:
        loading.load(path)
    assert "own.yaml:" in str(refused.value)
    assert "definition: cannot be taken apart" in str(refused.value)
