"""`actcheck run --command`: a program that breaks costs the questions at which it does."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from actcheck.conformance.cli import main
from actcheck.conformance.results.documents import validator
from tests.support.folders import EXAMPLES, PLANTED_PROGRAM

COMMAND = shlex.join([sys.executable, str(PLANTED_PROGRAM)])
EXAMPLE = shlex.join([sys.executable, str(EXAMPLES / "program_in_python" / "my_kernels.py")])
CHOSEN = "tanh hardtanh relu6 silu mish sigmoid softsign selu hardswish elu gelu prelu relu"


@pytest.mark.usefixtures("own_cache")
def test_a_program_that_breaks_costs_no_more_than_the_question(tmp_path: Path) -> None:
    out, page = tmp_path / "results.json", tmp_path / "page.html"
    activations = [word for name in CHOSEN.split() for word in ("--activation", name)]
    check = ["--check", "special_values-*-default-float32-forward", "-n", "1"]
    words = ["--command", COMMAND, *activations, *check, "--out", str(out), "--report", str(page)]
    assert main(["run", *words]) == 1
    made = json.loads(out.read_text("utf-8"))
    validator().validate(made)
    assert made["complete"] is True
    assert made["backend"]["name"] == "planted"
    assert made["backend"]["framework"] == "Python's math"
    outcomes = {c["activation"]: (c["outcome"], c.get("message", "")) for c in made["checks"]}
    assert outcomes["tanh"][0] == outcomes["relu"][0] == "pass"
    assert outcomes["gelu"] == ("unsupported", "not in this build")
    assert outcomes["prelu"] == ("unsupported", "planted has no prelu")
    broken = set(outcomes) - {"tanh", "relu", "gelu", "prelu"}
    assert {outcomes[name][0] for name in broken} == {"error"}
    assert outcomes["hardtanh"][1].startswith("backend error: the program planted gave no answer: it ended (")
    assert {c["faults"][0]["what"] for c in made["checks"] if c["outcome"] == "error"} == {"broke"}
    (rerun,) = (c["rerun"] for c in made["checks"] if c["activation"] == "silu")
    assert f"--backend {shlex.quote(f'command:{COMMAND}')}" in rerun
    text = page.read_text("utf-8")
    assert "<script>\\x" not in text
    assert "<b>x</b>" not in text
    assert "&lt;b&gt;x&lt;/b&gt;" in text


@pytest.mark.usefixtures("own_cache")
def test_a_program_that_computes_rightly_passes(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    words = ["--activation", "relu", "--activation", "tanh", "--dtype", "float32"]
    words += ["--check", "special_values", "--check", "accuracy", "--check", "shapes", "--out", str(out)]
    assert main(["run", "--command", EXAMPLE, *words]) == 0
    made = json.loads(out.read_text("utf-8"))
    assert made["summary"]["pass"] > 6
    assert made["summary"]["error"] == 0


def test_pytest_takes_a_command_too(tmp_path: Path) -> None:
    words = ["-p", "actcheck.conformance.plugin", "-p", "no:cacheprovider", "--activation", "relu"]
    words += [
        "--pyargs",
        "actcheck.conformance",
        "--check",
        "kinks",
        "--dtype",
        "float32",
        "--command",
        EXAMPLE,
    ]
    command = [sys.executable, "-m", "pytest", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "actcheck: my-kernels.py: Python's math 1.0, cpu" in done.stdout
    assert "2 passed" in done.stdout


def test_one_of_backend_and_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--backend", "numpy", "--command", EXAMPLE]):
        with pytest.raises(SystemExit):
            main(["run", *words])
    assert "not allowed with argument" in capsys.readouterr().err


def test_a_program_that_cannot_be_had_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--command", "./no_such_program"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("actcheck: the program ./no_such_program cannot be started: there is no such file")


@pytest.mark.parametrize(
    ("activation", "status", "told"),
    [
        ("tanh", 0, "tanh (default), float64 forward: pass, "),
        (
            "hardtanh",
            1,
            "backend error: part 0 of the sample: the program planted gave no answer: it ended (",
        ),
        ("mish", 1, "the program planted wrote to its standard output what is no"),
    ],
)
@pytest.mark.usefixtures("own_cache")
def test_a_sweep_takes_a_command_too(
    activation: str, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--dtype", "float64", "--points", "500", "-n", "1"]
    assert main(["sweep", activation, "--command", COMMAND, *words]) == status
    assert told in capsys.readouterr().out


@pytest.mark.usefixtures("own_cache")
def test_a_sweep_of_a_program_that_breaks_at_once_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "hardtanh", "--command", COMMAND, "-n", "1"]) == 1
    assert "backend error: the program planted gave no answer: it ended (killed by" in capsys.readouterr().out
