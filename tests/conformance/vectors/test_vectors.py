"""Vectors: right answers, and files that others can read."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from actcheck.adapters import registry
from actcheck.conformance.cli import main
from actcheck.conformance.vectors import files, onnx_files
from actcheck.conformance.vectors.made import QUANTITIES, Vectors, vectors
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.binding import Bound, bind
from actcheck.reference.specification.loading import load_all
from tests.support.folders import DATA
from tests.support.frameworks import framework
from tests.support.rounded_by_mpmath import value as by_mpmath
from tests.support.thorough import one_in

pytestmark = pytest.mark.xdist_group("vectors")

SPECS = load_all()
ELEMENTWISE = [spec for spec in SPECS.values() if spec.kind == "elementwise"]
SLOPES = ("gelu", "elu", "softplus", "relu", "threshold", "logsigmoid")
#: Of every four pairs the first runs always: each activation once, in another format than the one before.
PAIRS = [(name, list(FORMATS)[(k + k // 4 + j + 2) % 4]) for k, name in enumerate(SLOPES) for j in range(4)]


def made(name: str, form: str, count: int = 60) -> list[Vectors]:
    return list(vectors([SPECS[name]], [form], QUANTITIES, 0, count))


@pytest.mark.parametrize("pair", one_in(4, PAIRS), ids="-".join)
def test_the_exact_value_lies_between_what_is_given(pair: tuple[str, str]) -> None:
    for one in made(*pair):
        bound = bind(one.spec, one.variant)
        for x, expected, below, above, lower, upper in zip(
            *(getattr(one, array).astype(np.float64).tolist() for array in _ARRAYS), strict=True
        ):
            if np.isnan(x):
                assert np.isnan([expected, below, above, lower, upper]).all()
                continue
            assert below <= expected <= above
            value = exactly(bound, one.quantity, x)
            # mpmath's is off by 2^-120 of itself at most, and what is below all formats is 0 to it.
            slack = 0 if isinstance(value, float) else abs(value) / 2**100 + Fraction(1, 2**1100)
            assert below <= value + slack, (one.name, x)
            assert value - slack <= above, (one.name, x)
            assert lower <= value + slack, (one.name, x)
            assert value - slack <= upper, (one.name, x)


def exactly(bound: Bound, quantity: str, x: float) -> float | Fraction:
    if np.isinf(x):
        return bound.limit(quantity, 1 if x > 0 else -1)
    return by_mpmath(bound, quantity, Fraction(x))[0]


_ARRAYS = ("x", "expected", "below", "above", "lower", "upper")


@pytest.mark.parametrize("form", ["float16", "bfloat16", "float32"])
def test_no_number_lies_between_the_neighbours_but_the_rounded_one(form: str) -> None:
    (forward, *_) = made("gelu", form)
    steps = FORMATS[form].keys(forward.above) - FORMATS[form].keys(forward.below)
    assert ((steps >= 0) & (steps <= 2)).all()
    assert (steps == 1).mean() > 0.3, "most are proven to lie to one side"


def test_at_a_kink_both_slopes_are_right() -> None:
    (_, gradient, _) = made("relu", "float32")
    at = np.flatnonzero(gradient.x == 0)
    assert len(at) == 2
    assert gradient.expected[at].tolist() == gradient.below[at].tolist() == [0, 0]
    assert gradient.above[at].tolist() == [1, 1]


def read(folder: Path, *words: str) -> Any:
    assert main(["vectors", "-o", str(folder), *words]) == 0
    return np.load(folder / "vectors.npz", allow_pickle=False)


def test_arrays_are_read_by_numpy_alone(tmp_path: Path) -> None:
    found = read(
        tmp_path, "--activation", "gelu", "--dtype", "bfloat16", "--dtype", "float32", "--count", "40"
    )
    head = json.loads(found["manifest"].tobytes())
    assert head["schema"] == "actcheck-vectors/1"
    assert len(head["vectors"]) == 2 * 2 * 3
    for entry in head["vectors"]:
        stored = found[f"{entry['name']}/expected"]
        assert len(stored) == entry["count"]
        assert stored.dtype == (np.uint16 if entry["format"] == "bfloat16" else np.float32)
        assert entry["digest"] == SPECS["gelu"].digest
    x, y = (found[f"gelu-default-bfloat16-forward/{name}"].view(ml_dtypes.bfloat16) for name in _ARRAYS[:2])
    assert y[x == 1].tolist() == [0.83984375]


def test_lines_hold_hexadecimal_floats(tmp_path: Path) -> None:
    words = ["--format", "jsonl", "--activation", "elu", "--quantity", "gradient", "--count", "40"]
    assert main(["vectors", "-o", str(tmp_path), *words]) == 0
    lines = [json.loads(line) for line in (tmp_path / "vectors.jsonl").read_text("utf-8").splitlines()]
    assert [line["parameters"] for line in lines] == [v.parameters for v in SPECS["elu"].variants]
    for line in lines:
        x, expected = ([float.fromhex(value) for value in line[name]] for name in _ARRAYS[:2])
        assert expected[x.index(1.0)] == 1
        assert line["budget"]["ulp"] >= 0.5
        assert line["conventions"]["kinks"] == [{"at": "0", "gradient": "alpha"}]


@pytest.mark.thorough
def test_all_of_float32_fit_in_five_megabytes(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert {entry["activation"] for entry in whole(found)} == {spec.id for spec in ELEMENTWISE}
    assert (tmp_path / "vectors.npz").stat().st_size < 5_000_000


def test_an_activation_takes_no_more_than_its_share_of_five_megabytes(tmp_path: Path) -> None:
    found = read(tmp_path, "--activation", "silu", "--activation", "hardtanh")
    assert {entry["activation"] for entry in whole(found)} == {"silu", "hardtanh"}
    assert (tmp_path / "vectors.npz").stat().st_size < 2 * 5_000_000 / len(ELEMENTWISE)


def whole(found: Any) -> list[Any]:
    """The entries of a file, which has every quantity."""
    entries: list[Any] = json.loads(found["manifest"].tobytes())["vectors"]
    assert {entry["quantity"] for entry in entries} == set(QUANTITIES)
    return entries


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--activation", "glu"], "glu: is gated; vectors are of element-wise activations alone"),
        (["--activation", "gellu"], "gellu: no such activation; near: gelu"),
        (["--count", "1"], "--count 1: give 16 to 1,000,000 inputs"),
        (["--format", "onnx", "--quantity", "gradient"], "ONNX has no derivatives of operators"),
    ],
)
def test_what_cannot_be_written(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["vectors", "-o", str(tmp_path), *words]) == 2
    assert told in capsys.readouterr().err


def test_a_name_leads_out_of_no_folder(tmp_path: Path) -> None:
    (right,) = vectors([SPECS["relu"]], ["float32"], ["forward"], 0, 40)
    bent = replace(right, spec=replace(right.spec, id="../../relu"))
    files.write_npz(tmp_path / "vectors.npz", [bent])
    names = np.load(tmp_path / "vectors.npz", allow_pickle=False).files
    assert ".._.._relu-default-float32-forward/x" in names


def test_what_cannot_be_enclosed_is_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actcheck.reference.certificates.cover._MOST_SEGMENTS", 500)
    words = ["--activation", str(DATA / "spec_bent.yaml"), "--count", "40"]
    assert main(["vectors", "-o", str(tmp_path), *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("actcheck: bent default forward, (x + sqrt(x**2 + 4))/2: more than 500 segments")


def test_a_file_in_the_place_of_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["vectors", "-o", str(tmp_path / "file")]) == 2
    assert "is no folder" in capsys.readouterr().err


class _Reference:
    """onnx's reference evaluator, as its own test runner asks for a backend."""

    @classmethod
    def prepare(cls, model: Any, device: str = "CPU", **_: Any) -> Any:
        from onnx.reference import ReferenceEvaluator  # noqa: PLC0415

        evaluator = ReferenceEvaluator(model)
        names = [given.name for given in model.graph.input]

        class Prepared:
            def run(self, inputs: list[Any]) -> Any:
                return evaluator.run(None, dict(zip(names, inputs, strict=True)))

        return Prepared()

    @classmethod
    def supports_device(cls, device: str) -> bool:
        return device == "CPU"


def failed(backend: Any, folder: Path) -> set[str]:
    """The tests that fail when onnx's own loader and runner run them."""
    import unittest  # noqa: PLC0415

    framework("onnx")
    from onnx.backend.test import loader  # noqa: PLC0415
    from onnx.backend.test import runner as running  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "load_model_tests", lambda **_: [])  # onnx's own tests
        runner = running.Runner(backend, __name__)
    for case in loader.load_model_tests(str(folder), onnx_files.KIND):
        runner._add_model_test(case, onnx_files.KIND)
    result = unittest.TestResult()
    suite = unittest.TestSuite()
    for case in runner.test_cases.values():
        suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    suite.run(result)
    assert result.testsRun
    broken = [str(test).split()[0] for test, _ in (*result.failures, *result.errors)]
    return {name.removesuffix("_cpu").removeprefix("test_") for name in broken}


@pytest.fixture(scope="module")
def tests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("onnx")
    names = [word for name in ("relu", "elu", "sigmoid", "tanh", "gelu") for word in ("--activation", name)]
    assert main(["vectors", "-o", str(folder), "--format", "onnx", *names, "--count", "60"]) == 0
    return folder


def test_onnx_runs_them_against_its_reference(tests: Path) -> None:
    # Of these it computes the formulas as they are written, and loses their tails.
    assert {name.partition("-")[0] for name in failed(_Reference, tests)} == {"gelu", "elu", "sigmoid"}


def test_onnx_runs_them_against_onnxruntime(tests: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it reads onnx.version
        from onnxruntime import backend  # noqa: PLC0415
    assert {name.partition("-")[0] for name in failed(backend, tests)} <= {"gelu", "elu", "sigmoid", "tanh"}


def test_a_wrong_vector_is_seen_by_the_runner(tmp_path: Path) -> None:
    (right,) = vectors([SPECS["relu"]], ["float32"], ["forward"], 0, 40)
    expected = right.expected.copy()
    expected[-5] *= 2
    adapter = registry.find("onnx-reference")
    onnx_files.write_tests(tmp_path / "right", [right], adapter)
    assert failed(_Reference, tmp_path / "right") == set()
    onnx_files.write_tests(tmp_path / "wrong", [replace(right, expected=expected)], adapter)
    assert failed(_Reference, tmp_path / "wrong") == {"relu-default-float32-forward"}
