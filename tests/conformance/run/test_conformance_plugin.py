"""The pytest plugin, as people call it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.folders import BREAKING, ROOT

PLANTED = BREAKING


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """pytest with the plugin, in a folder that knows nothing of this repository."""
    command = [sys.executable, "-m", "pytest", "-p", "actcheck.conformance.plugin", "-p", "no:cacheprovider"]
    return subprocess.run([*command, *words], cwd=folder, capture_output=True, text=True, check=False)


def test_without_a_backend_nothing_is_asked_and_a_note_says_how(tmp_path: Path) -> None:
    done = run(tmp_path, "--pyargs", "actcheck.conformance")
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "actcheck: give --backend NAME to run the conformance suite" in done.stdout


def test_questions_are_tests_with_readable_names(tmp_path: Path) -> None:
    words = [
        "--backend",
        f"{PLANTED}:Broken",
        "--activation",
        "relu",
        "--activation",
        "elu",
        "--dtype",
        "float32",
    ]
    done = run(
        tmp_path,
        *words,
        "-k",
        "special_values and forward and default",
        "--junitxml",
        "x.xml",
        "-v",
        "-n",
        "2",
    )
    assert done.returncode == 1, done.stdout
    assert "actcheck: broken: numpy " in done.stdout
    assert "test_conforms[special_values-relu-default-float32-forward]" in done.stdout
    assert "relu (default), float32 forward: special_values broke" in done.stdout
    assert "backend error: RuntimeError: no kernel for this (" in done.stdout
    assert (
        f"again: actcheck run --backend {PLANTED}:Broken --activation relu --check special_values-relu-"
        in done.stdout
    )
    assert "1 failed, 1 passed" in done.stdout
    cases = [case.get("name", "") for case in ET.parse(tmp_path / "x.xml").getroot().iter("testcase")]
    assert sorted(cases) == [
        f"test_conforms[special_values-{a}-default-float32-forward]" for a in ("elu", "relu")
    ]


ADAPTER = """
import numpy as np
from actcheck.adapters.numpy_backend import NumpyAdapter


class Mine(NumpyAdapter):
    name = "mine"

    def describe(self):
        return super().describe()

    def call(self, activation, x, parameters):
        y = super().call(activation, x, parameters)
        return np.where(np.isnan(x), np.zeros_like(x), y) if activation == "relu" else y
"""
DEVIATIONS = """
- activation: relu
  check: special_values
  quantity: forward
  formats: float32
  excuses: [{what: wrong_nan, inputs: [[nan, nan]]}, {what: wrong_infinity, inputs: [[1, 2]]}]
  seen: NaN becomes 0
  why: maximum that drops NaN
- {activation: relu, variant: bent, check: accuracy, excuses: [{what: raised}], seen: x, why: y}
"""


def test_known_deviations_are_expected_and_reviewed(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(ADAPTER)
    (tmp_path / "mine.deviations.yaml").write_text(DEVIATIONS)
    done = run(tmp_path, "--backend", "mine.py", "--activation", "relu", "-rx")
    assert done.returncode == 1, done.stdout
    assert "NaN becomes 0 (maximum that drops NaN)" in done.stdout
    assert "1 xfailed" in done.stdout
    assert "stale_deviation: mine.deviations.yaml:2: no longer seen: wrong_infinity" in done.stdout
    assert "error: mine.deviations.yaml:9: matches no check" in done.stdout
    part = run(
        tmp_path,
        "--backend",
        "mine.py",
        "--activation",
        "relu",
        "-k",
        "defaults or special_values-relu-default-float32-forward",
    )
    assert part.returncode == 1, part.stdout
    alone = run(
        tmp_path, "--backend", "mine.py", "--activation", "elu", "--dtype", "float32", "-k", "forward"
    )
    assert alone.returncode == 0, alone.stdout
    assert "= known deviations =" not in alone.stdout


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--backend", "nunpy"], "did you mean numpy?"),
        (["--backend", "numpy", "--activation", "gellu"], "gellu: no such activation"),
        (["--backend", "numpy", "--dtype", "half"], "no such format: half"),
    ],
)
def test_bad_options_are_one_message(tmp_path: Path, words: list[str], part: str) -> None:
    done = run(tmp_path, *words)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert part in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_the_repositorys_own_pytest_runs_its_own_tests() -> None:
    done = run(
        ROOT,
        "--collect-only",
        "-q",
        "tests/conformance/run/test_conformance_grading.py",
        "actcheck/conformance",
    )
    assert done.returncode == 0
    assert "test_conforms" not in done.stdout
