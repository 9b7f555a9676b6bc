"""Bare functions: what passes, what is told of planted faults, and what is refused."""

from __future__ import annotations

import json
import math
import sys
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import actcheck
from actcheck.conformance.results.documents import validator
from actcheck.conformance.results.reading import read

_ROOT = math.sqrt(2 / math.pi)


def gelu(x: Any, cubic: float = 0.044715) -> Any:
    z = x.astype(np.float64)
    return (z / (1 + np.exp(-2 * _ROOT * (z + cubic * z**3)))).astype(x.dtype) if x.size else x


def relu(x: Any) -> Any:
    # Before numpy 2 the maximum of an array without dimensions and 0 is a float64.
    return np.maximum(x, x.dtype.type(0))


def relu_gradient(x: Any, upstream: Any) -> Any:
    return upstream * np.where(np.isnan(x), x, x > 0)


def test_a_right_function_conforms() -> None:
    report = actcheck.check(relu, "relu", ("float16", "float32"), gradient=relu_gradient)
    assert report.passed, str(report)
    assert {c.quantity for c in report.checks} == {"forward", "gradient"}
    assert str(report).startswith("relu conforms to relu (default): ")
    assert "float16 gradient: exact, largest error 0 ULP in every input" in str(report)


def test_a_wrong_constant_is_told_with_input_result_error_and_range() -> None:
    report = actcheck.check(partial(gelu, cubic=0.0447), "gelu", approximate="tanh", checks=["accuracy"])
    assert not report.passed
    (fault,) = (f for f in report.faults if f.what == "max_scaled_ulp")
    for told in ("x = -0x", "got -0x", "expected -0x", "error ", "beyond it for x in ["):
        assert told in fault.message
    text = " ".join(str(report).split())
    assert fault.message in text
    assert "actcheck.check(gelu, 'gelu'" in text


def test_a_wrong_gradient_is_told_apart_from_a_right_function() -> None:
    report = actcheck.check(relu, "relu", gradient=lambda x, u: u * np.where(np.isnan(x), x, x > 1))
    assert {c.quantity for c in report.checks if c.outcome == "fail"} == {"gradient"}
    assert all("gradient" in fault.sentence for fault in report.faults)


def test_parameters_are_what_the_function_computes() -> None:
    def leaky(x: Any) -> Any:
        return np.where(x >= 0, x, x * x.dtype.type(0.25))

    assert actcheck.check(leaky, "leaky_relu", negative_slope=0.25).passed
    assert not actcheck.check(leaky, "leaky_relu", negative_slope=0.5).passed


def test_weights_are_handed_to_the_function() -> None:
    def prelu(x: Any, weight: Any) -> Any:
        slopes = weight.reshape(-1, *(1,) * (x.ndim - 2)) if len(weight) > 1 else weight[0]
        return np.where(x >= 0, x, slopes * x)

    assert actcheck.check(prelu, "prelu", checks=["accuracy"]).passed
    assert not actcheck.check(lambda x, weight: prelu(x, 2 * weight), "prelu", checks=["accuracy"]).passed


def test_an_exception_of_the_function_is_a_fault() -> None:
    report = actcheck.check(lambda x: x.missing, "relu", checks=["accuracy"])
    assert not report.passed
    assert "AttributeError" in str(report)


def test_a_function_that_writes_to_its_input_is_told() -> None:
    def careless(x: Any) -> Any:
        np.maximum(x, 0, out=x)
        return x

    assert "input_changed" in str(actcheck.check(careless, "relu", checks=["accuracy"]))


def test_arrays_of_torch_and_its_own_gradient() -> None:
    torch = pytest.importorskip("torch")
    report = actcheck.check(
        torch.relu, "relu", ("bfloat16", "float32"), ("forward", "gradient"), like="torch"
    )
    assert {c.outcome for c in report.checks if c.quantity == "forward"} == {"pass"}
    # torch's own: the gradient at NaN is a number.
    assert [fault.kind for fault in report.faults] == ["nan"]
    assert {c.grade for c in report.checks if c.check == "accuracy" and c.quantity == "gradient"} == {"tight"}
    assert report.results.backend.framework == "torch"


def test_arrays_of_cupy_come_and_go_by_its_own_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    # A stand-in with cupy's names: a device is not needed to see that its functions are called.
    class Wrapped(np.ndarray):
        pass

    class Device:
        def __init__(self, number: int) -> None:
            self.number = number

        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...
        def synchronize(self) -> None: ...

    def asarray(array: Any) -> Any:
        return array.view(Wrapped)

    def asnumpy(array: Any) -> Any:
        return array.view(np.ndarray)

    module = SimpleNamespace(
        __version__="13",
        ndarray=Wrapped,
        asarray=asarray,
        asnumpy=asnumpy,
        cuda=SimpleNamespace(Device=Device),
    )
    monkeypatch.setitem(sys.modules, "cupy", module)  # type: ignore[arg-type]
    seen = set()

    def relu_there(x: Any) -> Any:
        seen.add(type(x))
        return np.maximum(x, 0)

    assert actcheck.check(relu_there, "relu", like="cupy", device="cuda:1", checks=["accuracy"]).passed
    assert seen == {Wrapped}


def test_assert_conforms_raises_the_report() -> None:
    with pytest.raises(AssertionError, match="1 distinct fault behind 1 of 1 checks") as raised:
        actcheck.assert_conforms(lambda x: np.maximum(x, 0.01), "relu", checks=["accuracy"])
    assert "x = " in str(raised.value)
    assert actcheck.assert_conforms(relu, "relu").passed


def test_the_report_is_a_results_document(tmp_path: Any) -> None:
    report = actcheck.check(lambda x: np.maximum(x, 0.01), "relu", checks=["accuracy"])
    document = json.loads(report.to_json())
    validator().validate(document)
    assert document["summary"]["fail"] == 1
    path = tmp_path / "results.json"
    path.write_text(report.to_json(), "utf-8")
    assert read(path).checks[0].faults


def test_html_is_escaped() -> None:
    def named(x: Any) -> Any:
        raise ValueError("<script>alert(1)</script>")

    named.__name__ = "<b>named</b>"
    shown = actcheck.check(named, "relu", checks=["accuracy"])._repr_html_()
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ({"dtypes": ["float31"]}, ValueError, "near: float32"),
        ({"dtypes": []}, ValueError, "name at least one"),
        ({"quantities": ["gradient"]}, ValueError, "needs gradient="),
        ({"quantities": ["second_derivative"]}, ValueError, "no 'second_derivative'"),
        ({"level": "slow"}, ValueError, "known: quick, full, exhaustive"),
        ({"number_model": "sloppy"}, ValueError, "no number model"),
        ({"checks": ["defaults"]}, ValueError, "checks: no 'defaults'"),
        ({"like": "tensorflow"}, ValueError, "known are numpy, torch, jax, cupy"),
        ({"device": "cuda"}, ValueError, "arrays of numpy are on the cpu"),
        ({"alpha": 1.0}, TypeError, "has no parameter alpha"),
    ],
)
def test_what_is_not_there_is_refused(given: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        actcheck.check(relu, "relu", **given)


def test_what_is_no_function_of_an_array_is_refused() -> None:
    with pytest.raises(TypeError, match="must be callable"):
        actcheck.check("relu", "relu")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="write an adapter"):
        actcheck.check(relu, "multihead_attention")
    with pytest.raises(ValueError, match="cannot be swept"):
        actcheck.sweep(relu, "glu")


def test_a_sweep_asks_every_task_and_keeps_no_ledger(monkeypatch: pytest.MonkeyPatch, own_cache: Any) -> None:
    # Two tasks of 256, so that a test can wait for it: one about 0, one about 1.
    tasks = [0, 0x3F800000 - (0x3F800000 % (1 << 23))]
    monkeypatch.setattr("actcheck.conformance.sweep.every_input.tasks", lambda _: tasks)
    right = actcheck.sweep(relu, "relu", progress=False)
    assert right.passed
    assert right.checks[0].points == 2 * 2 * (1 << 23)
    wrong = actcheck.sweep(
        lambda x: np.where(x == 1, 2, np.maximum(x, 0)).astype(x.dtype), "relu", progress=False
    )
    assert "x = 0x1p+0 (1): got 0x1p+1 (2), expected 0x1p+0 (1)" in str(wrong)
    assert not (own_cache / "sweeps").exists()
