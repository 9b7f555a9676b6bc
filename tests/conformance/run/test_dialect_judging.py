"""A difference that only a convention makes is no fault in the dialect that has it, and one in all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Adapter, Description, Function, Parameters, Unsupported, composed
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.cli import main
from actcheck.conformance.model import Answer, Context, Failure, Finding
from actcheck.conformance.results.reading import read
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification import loading
from actcheck.reference.specification.dialects import in_dialect, named


class BranchesAtNan(NumpyAdapter):
    """A slope at NaN is that of a branch that NaN does not meet."""

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        slope = super().call_gradient(activation, x, upstream, parameters)
        return np.where(np.isnan(x), x.dtype.type(0), slope) if isinstance(slope, np.ndarray) else slope

    def call_second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        slope = super().call_second_derivative(activation, x, parameters)
        return np.where(np.isnan(x), x.dtype.type(0), slope) if isinstance(slope, np.ndarray) else slope


class ZeroAtNan(NumpyAdapter):
    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        return super().call(activation, np.where(np.isnan(x), x.dtype.type(0), x), parameters)


class OtherZero(NumpyAdapter):
    """A zero at zero has the other sign."""

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        y = super().call(activation, x, parameters)
        return np.where((x == 0) & (y == 0), -y, y)


def found(adapter: Adapter, dialect: str, activation: str, *checks: str, variant: str = "") -> set[str]:
    """The kinds of faults of quick's questions in one format."""
    spoken = named(dialect)
    context = Context(adapter, dialect=spoken)
    spec = in_dialect(loading.find(activation), spoken)
    answers: list[Answer | Failure] = [
        ask(question, context)
        for question in select(Selection((spec,), "quick", ("float32",), checks))
        if not variant or question.label == variant
    ]
    assert any(isinstance(answer, Finding) for answer in answers)
    assert not any(isinstance(answer, Failure) for answer in answers)
    return {fault.what for answer in answers if isinstance(answer, Finding) for fault in answer.faults}


@pytest.mark.parametrize("activation", ["relu", "hardtanh", "mish"])
def test_slopes_at_nan_are_a_convention(activation: str) -> None:
    checks = ("accuracy", "special_values")
    assert "wrong_nan" in found(BranchesAtNan(), "torch", activation, *checks)
    for dialect in ("jax", "tensorflow", "mlx", "onnx"):
        assert found(BranchesAtNan(), dialect, activation, *checks) == set()


def test_a_result_at_nan_is_the_law_but_where_a_dialect_defines_it() -> None:
    for dialect in ("torch", "jax", "onnx"):
        assert "wrong_nan" in found(ZeroAtNan(), dialect, "tanh", "accuracy")
    for dialect, wrong in (("torch", {"wrong_nan"}), ("jax", {"wrong_nan"}), ("onnx", set())):
        assert found(ZeroAtNan(), dialect, "hardshrink", "accuracy") == wrong


def test_signs_of_zeros_that_a_sum_gives_are_a_convention() -> None:
    assert "wrong_zero_sign" in found(OtherZero(), "torch", "celu", "special_values")
    assert found(OtherZero(), "jax", "celu", "special_values") == set()
    assert "wrong_zero_sign" in found(OtherZero(), "jax", "elu", "special_values")


@pytest.mark.parametrize(("variant", "wrong"), [("alpha=-1.7", set()), ("alpha=0.5", {"wrong_zero_sign"})])
def test_where_the_definition_gives_the_other_sign_either_is_right(variant: str, wrong: set[str]) -> None:
    assert found(OtherZero(), "torch", "elu", "accuracy", variant=variant) == wrong
    assert found(NumpyAdapter(), "torch", "elu", "accuracy", variant=variant) == set()


class Unlimited(Adapter):
    """Its softplus has no parameters, and its gelu another default; it computes by numpy's."""

    name = "unlimited"

    def describe(self) -> Description:
        return Description("unlimited", "1", "cpu", formats=("float32",), dialect="jax")

    def functions(self) -> Mapping[str, Function | Unsupported]:
        whole = {"beta": 1.0, "threshold": np.inf}
        return {"softplus": lambda x, **_: NumpyAdapter().call("softplus", x, whole)}

    def defaults(self, activation: str) -> Parameters | Unsupported:
        return {"softplus": {"beta": 1, "threshold": np.inf}, "gelu": {"approximate": "tanh"}}[activation]


def test_defaults_are_those_of_the_dialect() -> None:
    made = Unlimited()
    assert found(made, "jax", "softplus", "defaults") == set()
    assert found(made, "torch", "softplus", "defaults") == {"differs:threshold"}
    assert found(made, "tensorflow", "softplus", "defaults") == set()


def test_the_default_function_is_that_of_the_dialect() -> None:
    assert found(Unlimited(), "jax", "softplus", "accuracy", variant="default") == set()


def test_what_is_allowed_is_counted() -> None:
    spec = loading.find("relu")
    context = replace(Context(BranchesAtNan()), dialect=named("jax"))
    asked = Selection((spec,), "quick", ("float16",), ("accuracy-relu-default-float16-gradient",))
    (question,) = select(asked)
    answer = ask(question, context)
    assert isinstance(answer, Finding)
    assert answer.verdict is not None
    assert answer.verdict.allowed == {"slopes_at_nan": 2046}


def test_a_run_is_judged_by_the_backends_dialect_or_by_another(tmp_path: Any, capsys: Any) -> None:
    words = ["run", "--backend", f"{__file__}:Unlimited", "--activation", "softplus", "-n", "1"]
    for more, dialect in ((), "jax"), (("--dialect", "torch"), "torch"):
        out = tmp_path / f"{dialect}.json"
        main([*words, *more, "--check", "defaults", "--out", str(out)])
        results = read(out)
        assert results.dialect == dialect
        (check,) = [c for c in results.checks if c.check == "defaults"]
        assert check.outcome == ("pass" if dialect == "jax" else "fail")
        assert ("by the conventions of JAX" in capsys.readouterr().out) == (dialect == "jax")
        assert ("--dialect torch" in check.rerun) == (dialect == "torch")


def test_an_unknown_dialect_ends_the_command(capsys: Any) -> None:
    assert main(["run", "--backend", "numpy", "--dialect", "jex"]) == 2
    assert "no dialect 'jex'" in capsys.readouterr().err


class Composing(Unlimited):
    """Has tanhshrink as a composition, and compiles for every shape."""

    name = "composing"

    def describe(self) -> Description:
        return replace(super().describe(), dear_shapes=True)

    def functions(self) -> Mapping[str, Function | Unsupported]:
        return {"tanhshrink": composed("x - <tanh>(x)", lambda x: NumpyAdapter().call("tanhshrink", x, {}))}


def test_compositions_and_conventions_are_on_the_page_and_in_the_summary(tmp_path: Any, capsys: Any) -> None:
    page, out = tmp_path / "page.html", tmp_path / "out.json"
    words = ["run", "--backend", f"{__file__}:Composing", "--activation", "tanhshrink"]
    words += ["--check", "special_values"]
    main([*words, "-n", "1", "--out", str(out), "--report", str(page)])
    seen = " ".join(capsys.readouterr().out.split())
    assert "Compositions, no operators of the framework's own: tanhshrink (x - <tanh>(x))." in seen
    assert "Few shapes were asked, since the backend compiles for each" in seen
    assert read(out).backend.details["compositions"] == {"tanhshrink": "x - <tanh>(x)"}
    shown = page.read_text("utf-8")
    assert "x - &lt;tanh&gt;(x)" in shown
    assert "slopes at NaN" in shown
