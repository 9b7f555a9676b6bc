"""Number models: what a backend's arithmetic allows is right in its model and wrong in IEEE's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Adapter
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.cli import main
from actcheck.conformance.model import Context, Finding
from actcheck.conformance.report.sides import sides
from actcheck.conformance.results.reading import read
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.conformance.sweep.gated_pairs import paired
from actcheck.conformance.sweep.job import Job
from actcheck.conformance.sweep.work import judged, judged_there
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.number_models import MODELS, NumberModel, current, judged_in
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.verdict import Verdict
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from tests.support.device_judge import TensorsOfItsOwn
from tests.support.faults import planted_models
from tests.support.faults.planted_models import (
    FlushingBoth,
    FlushingResults,
    FlushingWithoutZeroSigns,
    FlushingWrongly,
    WithoutZeroSigns,
    flushed,
)
from tests.support.thorough import one_in

PLANTED = Path(planted_models.__file__)
ACTIVATIONS = ("relu", "gelu", "tanh", "silu", "hardshrink", "elu", "glu", "prelu", "crelu")
CHECKS = ("accuracy", "special_values", "kinks", "properties", "consistency", "in_place", "structure")
#: Some formats of each activation, all of them between them.
ASKED = [
    question
    for question in select(
        Selection(tuple(loading.find(name) for name in ACTIVATIONS), "quick", checks=CHECKS)
    )
    if question.format
    in (("float16", "float32") if question.activation in ("relu", "gelu") else ("bfloat16",))
    or question.activation == "tanh"
]


def failing(adapter: Adapter, model: str) -> Iterator[str]:
    context = Context(adapter, number_model=NumberModel.named(model))
    for question in ASKED:
        answer = ask(question, context)
        if isinstance(answer, Finding) and answer.faults:
            yield f"{question.id}: {answer.faults[0].message}"


@pytest.mark.parametrize(
    "made", one_in(2, [FlushingBoth, FlushingResults, WithoutZeroSigns, FlushingWithoutZeroSigns])
)
def test_what_a_model_allows_passes_in_it_and_fails_in_ieee(made: type[FlushingResults]) -> None:
    assert [*failing(made(), made.model)] == []
    missing = {"special_values"} if made is WithoutZeroSigns else {"accuracy", "special_values"}
    for told in failing(made(), "ieee"):
        missing.discard(told.partition("-")[0])
        if not missing:
            break
    assert missing == set()


@pytest.mark.parametrize("model", ["flush_results", "no_zero_sign", "flush_results+no_zero_sign"])
def test_a_model_allows_no_more_than_it_says(model: str) -> None:
    assert any(failing(FlushingWithoutZeroSigns(), model))


@pytest.mark.parametrize("model", ["ieee", "flush_inputs_and_results+no_zero_sign"])
def test_zeros_for_normal_numbers_are_wrong_in_every_model(model: str) -> None:
    assert any("lost_to_zero" in told for told in failing(FlushingWrongly(), model))


class OtherConstant(FlushingBoth):
    """A wrong constant in a backend that flushes."""

    name = "other-constant"

    def call(self, activation: str, x: Any, parameters: Any) -> Any:
        y = super().call(activation, x, parameters)
        return (y * y.dtype.type(0.9921875)).astype(y.dtype) if activation == "tanh" else y


@pytest.mark.parametrize("model", ["ieee", "flush_inputs_and_results"])
def test_a_wrong_constant_is_wrong_in_every_model(model: str) -> None:
    question = next(q for q in ASKED if q.id == "accuracy-tanh-default-float32-forward")
    answer = ask(question, Context(OtherConstant(), number_model=NumberModel.named(model)))
    assert isinstance(answer, Finding)
    assert any(fault.what == "max_ulp" for fault in answer.faults)


class FlushingTensors(TensorsOfItsOwn):
    """torch, which flushes subnormal inputs and results, and makes the inputs of a sweep itself."""

    def call(self, activation: str, x: Any, parameters: Any) -> Any:
        return self._flushed(super().call(activation, self._flushed(x), parameters))

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Any) -> Any:
        return self._flushed(super().call_gradient(activation, self._flushed(x), upstream, parameters))

    def _flushed(self, tensor: Any) -> Any:
        return self.to_backend(flushed(self.to_host(tensor)))


#: Where inputs, results or both are subnormal, and where neither is.
RUNS = [
    ("relu", "forward", 0x00010000),
    ("tanh", "forward", 0),
    ("gelu", "forward", 0x007F8000),
    ("sigmoid", "forward", 0x42AE0000),
    ("elu", "gradient", 0x42AE0000),
    ("tanh", "forward", 0x3F000000),
]


def results(verdict: Verdict) -> Any:
    counts = verdict.points, verdict.not_correctly_rounded, verdict.not_faithful
    return counts, verdict.classes, dict(verdict.allowed)


@pytest.mark.parametrize("model", ["ieee", "flush_results", "flush_inputs_and_results"])
@pytest.mark.parametrize(("name", "quantity", "start"), RUNS)
def test_the_judges_agree(name: str, quantity: str, start: int, model: str) -> None:
    question, count = Job("planted", name, (), quantity).question(), 1 << 15
    adapter = FlushingTensors()
    with judged_in(NumberModel.named(model)):
        host = judged(adapter, question, start, count, count).verdict
        device = judged_there(adapter, question, start, count, count).verdict
        x = np.arange(start, start + count, dtype=np.uint32).view(np.float32)
        x = np.concatenate([x, -x])
        with np.errstate(all="ignore"):
            y = adapter.forward(name, x, question.variant.parameters)
            if quantity == "gradient":
                y = adapter.gradient(name, x, np.ones_like(x), question.variant.parameters)
        assert isinstance(y, np.ndarray)
        points = Points.of(
            bind(question.spec, question.variant), quantity, FORMATS["float32"], x, y
        ).verdict()
    assert results(host) == results(points)
    assert results(device) == results(points)
    if model == "flush_inputs_and_results":
        assert not host.classes
    elif name == "relu" and model == "ieee":
        assert host.not_faithful == count


def test_the_counts_are_those_of_the_subnormal_numbers() -> None:
    question = Job("planted", "relu", (), "forward").question()
    with judged_in(NumberModel.named("flush_results")):
        found = judged(FlushingResults(), question, 0, 1 << 16, 1 << 15).verdict
    assert found.allowed == {"flushed_results": (1 << 16) - 1}
    assert (found.not_correctly_rounded, found.not_faithful, found.max_ulp) == (0, 0, (0.0, 0.0))


@pytest.mark.parametrize("name", one_in(2, ["bfloat16", "float16"]))
def test_products_of_a_gate_are_judged_in_the_model(name: str) -> None:
    question = Job("planted", "glu", (), "forward", name).question()
    start = 0x0480 if name == "bfloat16" else 0x0800
    found = {}
    for model in ("ieee", "flush_results"):
        with judged_in(NumberModel.named(model)):
            found[model] = paired(FlushingResults(), question, start, 4).verdict
    assert not found["flush_results"].classes
    assert found["flush_results"].not_faithful == 0
    assert found["ieee"].not_faithful == found["flush_results"].allowed["flushed_results"] > 0
    assert found["ieee"].points == found["flush_results"].points


def test_names_of_models() -> None:
    for names in product(MODELS, MODELS):
        model = NumberModel.named("+".join(names))
        assert NumberModel.named(str(model)) == model
    assert str(NumberModel()) == str(current()) == "ieee"
    with pytest.raises(ValueError, match="no number model 'ftz'; known: ieee, flush_results, "):
        NumberModel.named("ftz")


@pytest.mark.usefixtures("own_cache")
def test_a_run_says_in_which_model_it_judged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "results.json"
    chosen = [
        "--activation",
        "relu",
        "--check",
        "accuracy",
        "--dtype",
        "float32",
        "-n",
        "1",
        "--out",
        str(out),
    ]
    assert main(["run", "--backend", f"{PLANTED}:FlushingResults", *chosen]) == 0
    assert "judged in flush_results, in which alone" in capfd.readouterr().out
    found = read(out)
    assert found.number_model == "flush_results"
    forward = next(c for c in found.checks if c.quantity == "forward")
    assert forward.allowed is not None
    assert forward.allowed["flushed_results"] > 0
    assert sides([found])[0].label == "flushing-results (flush_results)"
    assert main(["run", "--backend", f"{PLANTED}:FlushingResults", *chosen, "--number-model", "ieee"]) == 1
    assert "--number-model ieee" in read(out).checks[0].rerun


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_an_unknown_model_is_one_message(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", "relu"] if command == "sweep" else ["run", "--activation", "relu"]
    assert main([*words, "--backend", "numpy", "--number-model", "ftz"]) == 2
    assert "no number model 'ftz'; known: ieee, " in capfd.readouterr().err


def test_a_model_that_a_backend_made_up_is_one_message(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--backend", f"{PLANTED}:WithAModelOfItsOwn", "--activation", "relu"]) == 2
    assert "no number model 'fast'" in capfd.readouterr().err


@pytest.mark.usefixtures("own_cache")
def test_a_sweep_is_made_in_a_model(capfd: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", "relu", "--backend", f"{PLANTED}:FlushingResults", "--dtype", "bfloat16"]
    assert main(words) == 0
    assert "flushed results: 127, right in the number model alone" in capfd.readouterr().out
    assert main([*words, "--number-model", "ieee"]) == 1


def test_numpy_itself_is_judged_in_ieee() -> None:
    assert NumpyAdapter().describe().number_model == "ieee"
