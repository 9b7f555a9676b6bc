"""Scripts: each shows its fault with the framework alone, and is content where the fault is not."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from actcheck.adapters.base import Adapter
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.adapters.torch_backend import TorchAdapter
from actcheck.conformance.cli import main
from actcheck.conformance.faults.distinct import ordered
from actcheck.conformance.json_values import Hex
from actcheck.conformance.results import documents
from actcheck.conformance.results.fault_records import CallRecord, ExampleRecord, FaultRecord, RangeRecord
from actcheck.conformance.results.model import CheckRecord
from actcheck.conformance.scripts.shower import Shower
from actcheck.reference.specification.loading import load_all
from tests.support import distinct_faults
from tests.support.distinct_faults import asked, check
from tests.support.faults.planted_constants import TwoFaults
from tests.support.folders import ROOT
from tests.support.frameworks import needs
from tests.support.thorough import one_in

SPECS = load_all()
PLANTED = str(ROOT / "tests" / "support" / "faults" / "planted_constants.py") + ":TwoFaults"


def shower(adapter: Adapter, name: str) -> Shower:
    return Shower(SPECS, adapter, name, distinct_faults.results([]))


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "script.py"
    path.write_text(script, "utf-8")
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)


def test_planted_faults_are_shown_and_honest_ones_are_not(tmp_path: Path) -> None:
    groups = [g for g in ordered(asked(TwoFaults(), "gelu", "mish"), SPECS) if g.kind == "value"]
    assert len(groups) == 2
    for group in groups:
        script = shower(TwoFaults(), PLANTED).script(group)
        shown = run(script, tmp_path)
        assert shown.returncode == 1, shown.stderr
        assert "got " in shown.stdout
        assert "expected " in shown.stdout
        assert "wrong in 67 of 67 places" in shown.stdout
        honest = run(script.replace(repr(PLANTED), "'numpy'"), tmp_path)
        assert (honest.returncode, honest.stdout.splitlines()[-1]) == (0, "right"), honest.stderr


def example(x: float, got: float, expected: float, upstream: float = 1.0) -> ExampleRecord:
    return ExampleRecord(Hex(x), Hex(got), Hex(expected), Hex(upstream))


def seen(what: str, shown: ExampleRecord | None = None, call: str = "") -> FaultRecord:
    ranges = (RangeRecord(shown.x, shown.x),) if shown else ()
    words = CallRecord(call) if call else None
    return FaultRecord(what=what, message=f"{what}: told", ranges=ranges, example=shown, call=words)


NAN, INF = float("nan"), float("inf")
#: Faults of torch 2.13 as its results tell them, and what the script of each prints.
OF_TORCH: dict[str, tuple[CheckRecord, str]] = {
    "tail": (
        check(
            "gelu", "accuracy", "float32", seen("max_scaled_ulp", example(-5.6066895, -0.0, -5.781428e-08))
        ),
        "expected -5.781428e-08",
    ),
    "bfloat16": (
        check(
            "softsign",
            "accuracy",
            "bfloat16",
            seen("max_ulp", example(-31.734375, -0.96875, -0.969451074)),
        ),
        "expected -0.969451074",
    ),
    "NaN": (check("silu", "accuracy", "float64", seen("wrong_nan", example(-INF, NAN, 0.0))), "got      nan"),
    "gradient": (
        check("relu", "accuracy", "float32", seen("wrong_nan", example(NAN, 0.0, NAN)), quantity="gradient"),
        "expected nan",
    ),
    "second derivative": (
        check(
            "mish",
            "accuracy",
            "float32",
            seen("wrong_nan", example(INF, NAN, 0.0)),
            quantity="second_derivative",
        ),
        "got      nan",
    ),
    "upstream": (
        check(
            "silu",
            "special_values",
            "float32",
            seen("upstream:zero", example(INF, NAN, 0.0, 0.0)),
            quantity="gradient",
        ),
        "times 0.0",
    ),
    "zero sign": (
        check(
            "leaky_relu",
            "accuracy",
            "float32",
            seen("wrong_zero_sign", example(0.0, -0.0, 0.0)),
            label="negative_slope=-1.0",
        ),
        "got      -0.0",
    ),
    "bits": (
        check(
            "hardswish",
            "shapes",
            "float32",
            seen("differs:layout:nan", example(NAN, 0.0, NAN)),
            quantity="gradient",
        ),
        "other bits for the same input",
    ),
    "property": (
        check(
            "tanhshrink", "properties", "float16", seen("increasing", example(-0.0625610, -9.155e-5, -6.1e-5))
        ),
        "wrong in 67 of 67 places",
    ),
    "dtype": (
        check(
            "hardtanh",
            "dtypes",
            "any",
            seen("wrong:int64", example(1.0, 0.0, 0.5)),
            label="min_val=-2.0,max_val=0.5",
        ),
        "expected 0.5",
    ),
    "accepted": (
        check("softplus", "refused_parameters", "any", seen("accepted:beta=0"), quantity="any"),
        "and no error",
    ),
    "raised": (
        check("hardshrink", "accuracy", "float16", seen("raised"), label="lambd=1e+30"),
        "RuntimeError: value cannot be converted",
    ),
    "raised in forward mode": (
        check("relu", "accuracy", "float32", seen("tangent:raised:expanded_rows"), quantity="gradient"),
        "RuntimeError: unsupported operation",
    ),
    "gradient in place": (
        check(
            "elu",
            "in_place",
            "float32",
            seen("refused:gradient"),
            quantity="gradient",
            label="alpha=-1.7",
        ),
        "RuntimeError: In-place elu backward",
    ),
    "beside a small out": (
        check("tanh", "module_form", "float32", seen("beside:small_out")),
        "8 results were written to an array of 5",
    ),
    "complex": (
        check(
            "sigmoid",
            "dtypes",
            "any",
            seen("off_axis:complex64", call="(-104.37821960449219+9.5367431640625e-07j)"),
        ),
        "(nan+nanj)",
    ),
    "complex in a limit": (
        check("silu", "dtypes", "any", seen("off_axis:complex128", call="(-inf+0.7j)")),
        "expected 0j",
    ),
    "printed": (
        check("prelu", "module_form", "float32", seen("repr:init"), label="num_parameters=3,init=0.5"),
        "printed  PReLU(num_parameters=3)",
    ),
}


@needs("torch")
@pytest.mark.parametrize("name", one_in(6, OF_TORCH))
def test_torchs_faults_are_shown_with_torch_alone(tmp_path: Path, name: str) -> None:
    record, told = OF_TORCH[name]
    (group,) = ordered([record], SPECS)
    script = shower(TorchAdapter("cpu"), "torch-cpu").script(group)
    assert "actcheck" not in script
    shown = run(script, tmp_path)
    assert shown.returncode == 1, shown.stderr
    assert told in shown.stdout
    assert shown.stdout.startswith("torch 2.")


@needs("torch")
@pytest.mark.parametrize(
    "record",
    [
        check("gelu", "accuracy", "float32", seen("max_ulp", example(-1.0, -1.0, -0.15865525))),
        check("relu", "accuracy", "float64", seen("wrong_nan", example(NAN, 0.0, NAN))),
        check("relu", "accuracy", "float64", seen("wrong_zero_sign", example(0.0, -0.0, 0.0))),
        check("relu", "shapes", "float32", seen("differs:layout", example(1.5, 1.0, 1.5))),
        check("elu", "accuracy", "float32", seen("raised")),
    ],
)
def test_what_torch_does_right_is_not_shown_as_wrong(tmp_path: Path, record: CheckRecord) -> None:
    (group,) = ordered([record], SPECS)
    done = run(shower(TorchAdapter("cpu"), "torch-cpu").script(group), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_of_the_results_becomes_code() -> None:
    text = '"""\nimport os; os.abort()\n"""'
    fault = replace(seen("max_ulp", example(1.0, 2.0, 1.5)), message=f"{text}\\")
    hostile = replace(check("gelu", "accuracy", "float32", fault), id=text, format='float32"); abort(("')
    for record in (hostile, replace(hostile, activation=text), replace(hostile, quantity=text)):
        (group,) = ordered([record], SPECS)
        tree = ast.parse(shower(NumpyAdapter(), "numpy").script(group))
        assert text not in {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        called = {
            n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        assert called.isdisjoint({"abort", "os"})
        assert not any(isinstance(n, ast.Import) and n.names[0].name == "os" for n in ast.walk(tree))


def command(tmp_path: Path, name: str) -> Callable[..., int]:
    checks = asked(TwoFaults(), "mish")
    kept = tmp_path / "kept.json"
    documents.write(kept, distinct_faults.results(checks, name))
    return lambda *more: main(["reproduce", str(kept), *more])


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reproduce = command(tmp_path, "two-faults")
    assert reproduce("1") == 2
    assert "--backend path.py:Class" in capsys.readouterr().err
    assert reproduce("1", "--backend", PLANTED) == 0
    printed = capsys.readouterr().out
    assert reproduce("1", "--backend", PLANTED, "-o", str(tmp_path / "shown.py")) == 0
    assert (tmp_path / "shown.py").read_text("utf-8") == printed
    for wrong in ("0", "99", "mish", "-1"):
        assert reproduce(wrong, "--backend", PLANTED) == 2
    assert reproduce("1", "--backend", "nobody") == 2
    assert reproduce("1", "--backend", PLANTED, "-o", str(tmp_path / "none" / "x.py")) == 2
