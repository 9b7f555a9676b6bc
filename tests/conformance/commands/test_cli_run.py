"""`actcheck run` from end to end: backends that break, runs that are cut off, what is written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from actcheck.conformance.cli import main
from actcheck.conformance.results.documents import validator
from tests.support.folders import BREAKING

PLANTED = BREAKING


def results(path: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(path.read_text("utf-8"))
    validator().validate(made)
    return made


def words(backend: str, activations: str, out: Path, *more: str) -> list[str]:
    chosen = [word for name in activations.split() for word in ("--activation", name)]
    check = ["--check", "special_values-*-default-float32-forward"]
    return ["run", "--backend", f"{PLANTED}:{backend}", *chosen, *check, "--out", str(out), "-n", "2", *more]


@pytest.mark.usefixtures("own_journals")
def test_a_backend_that_breaks_costs_no_more_than_the_question(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "results.json"
    activations = "elu relu silu mish sigmoid tanh softsign"
    assert main(words("Broken", activations, out, "--timeout", "15")) == 1
    made = results(out)
    outcomes = {r["activation"]: (r["outcome"], r.get("message", "")) for r in made["checks"]}
    assert outcomes["elu"] == outcomes["softsign"] == ("pass", "")
    assert {outcomes[name][0] for name in ("relu", "silu", "mish", "sigmoid", "tanh")} == {"error"}
    assert outcomes["relu"][1].startswith("backend error: RuntimeError: no kernel for this (")
    assert outcomes["silu"][1].startswith("backend error: SystemExit: 3")
    assert outcomes["mish"][1].startswith("backend error: the process died: killed by SIGSEGV (")
    assert outcomes["sigmoid"][1] == "backend error: the process died: exit status 7"
    assert outcomes["tanh"][1].startswith("backend error: no answer within 15 s (--timeout) (")
    assert "planted_breaking.py" in outcomes["mish"][1]
    assert made["complete"] is True
    assert made["summary"] == {**dict.fromkeys(made["summary"], 0), "pass": 2, "error": 5}
    printed = capfd.readouterr()
    assert "junk" not in printed.out + printed.err
    assert "5 distinct faults behind 5 failed checks, the most serious first" in printed.out


@pytest.mark.usefixtures("own_journals")
def test_a_dead_worker_costs_none_of_its_other_questions(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    chosen = ["--activation", "elu", "--check", "shapes", "--dtype", "float16", "-n", "2", "--out", str(out)]
    assert main(["run", "--backend", f"{PLANTED}:Deadly", *chosen]) == 1
    made = results(out)
    outcomes = {(check["quantity"], check["outcome"]) for check in made["checks"]}
    assert outcomes == {("forward", "pass"), ("gradient", "pass"), ("second_derivative", "error")}
    assert made["complete"] is True


@pytest.mark.thorough
@pytest.mark.usefixtures("own_journals")
def test_a_backend_that_dies_at_one_question_after_the_other_answers_for_each(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    names = ("elu", "relu", "silu", "mish", "tanh")
    activations = [word for name in names for word in ("--activation", name)]
    asked = ["--check", "shapes-*-default-float16-second_derivative", "-n", "1", "--out", str(out)]
    assert main(["run", "--backend", f"{PLANTED}:Deadly", *activations, *asked]) == 1
    made = results(out)
    assert (made["complete"], made["summary"]["error"]) == (True, 5)
    assert {c["message"] for c in made["checks"]} == {"backend error: the process died: exit status 7"}


@pytest.mark.usefixtures("own_journals")
def test_a_worker_that_somebody_kills_costs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ACTCHECK_PLANTED", str(tmp_path))
    out = tmp_path / "results.json"
    assert main(words("Killed", "elu relu silu", out)) == 0
    assert (tmp_path / "killed").exists()
    assert results(out)["summary"]["pass"] == 3


@pytest.mark.parametrize(
    ("number", "times", "status"),
    [
        pytest.param(signal.SIGINT, 1, 130, marks=pytest.mark.thorough),
        (signal.SIGINT, 20, 130),
        pytest.param(signal.SIGTERM, 20, 143, marks=pytest.mark.thorough),
        (signal.SIGKILL, 1, -signal.SIGKILL),
    ],
)
def test_a_run_that_is_cut_off_goes_on_where_it_stopped(
    own_journals: Path, tmp_path: Path, number: signal.Signals, times: int, status: int
) -> None:
    out = tmp_path / "results.json"
    activations = "elu relu silu mish sigmoid tanh"
    environment = {**os.environ, "ACTCHECK_PLANTED": f"{tmp_path}:{int(number)}:{times}"}
    # Whoever starts the tests may ignore Ctrl-C, and a process inherits that.
    begin = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    start = f"{begin}; import sys; from actcheck.conformance.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", start]
    command += [*words("Interrupting", activations, out), "-n", "1"]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    first = run()
    assert first.returncode == status, first.stderr
    assert "Traceback" not in first.stderr
    if number != signal.SIGKILL:
        assert results(out)["complete"] is False
        assert "the same command continues" in first.stderr
    else:
        assert not out.exists()
    (journal,) = (own_journals / "runs").iterdir()
    answered = {json.loads(line)["record"]["activation"] for line in journal.read_text().splitlines()}
    assert 0 < len(answered) < 6
    (tmp_path / "asked").write_text("")

    second = run()
    assert second.returncode == 0, second.stderr
    assert f"continuing an interrupted run: {len(answered)} of 6" in second.stderr
    assert answered.isdisjoint((tmp_path / "asked").read_text().split())
    made = results(out)
    assert (made["complete"], made["summary"]["pass"]) == (True, 6)
    assert list((own_journals / "runs").iterdir()) == []


@pytest.mark.usefixtures("own_journals")
def test_a_worker_that_is_done_still_runs_the_exit_functions_of_its_framework(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    left = tmp_path / "left"
    left.mkdir()
    monkeypatch.setenv("ACTCHECK_PLANTED", str(left))
    assert main(words("Closing", "elu", tmp_path / "results.json", "-n", "1")) == 0
    # The probe asks in a process of its own, and a worker has another one.
    assert len(list(left.iterdir())) == 2


@pytest.mark.usefixtures("own_journals")
def test_a_hostile_backend_is_only_text(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out, page = tmp_path / "results.json", tmp_path / "page.html"
    assert main(words("Hostile", "elu silu mish", out, "--report", str(page))) == 1
    printed = capfd.readouterr()
    assert "\x1b[31m" not in printed.out + printed.err + out.read_text()
    assert results(out)["backend"]["name"].startswith("<script>")
    assert "<script>alert" not in page.read_text()


@pytest.mark.usefixtures("own_journals")
def test_a_specification_of_ones_own(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shipped = Path(main.__code__.co_filename).parents[1] / "spec" / "activations" / "relu6.yaml"
    own = tmp_path / "own.yaml"
    own.write_text(shipped.read_text("utf-8").replace("id: relu6", "id: mine"), "utf-8")
    out = tmp_path / "results.json"
    arguments = ["run", "--backend", "numpy", "--spec", str(own), "--dtype", "float16", "--check", "accuracy"]
    assert main([*arguments, "--out", str(out), "-n", "1"]) == 2
    (reason,) = {r["message"] for r in results(out)["checks"]}
    assert "mine" in reason
    assert f"--activation {own}" in results(out)["checks"][0]["rerun"]
    printed = capfd.readouterr()
    assert "unsupported (no forward and no gradient and no second derivative was asked)" in printed.out
    assert f"actcheck: numpy: nothing could be asked: {reason}" in printed.err


@pytest.mark.usefixtures("own_journals")
def test_what_is_required_must_be_answered(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    chosen = ["--activation", "relu", "--check", "accuracy-relu-default-float16-*", "--out", str(out)]
    command = ["run", "--backend", f"{PLANTED}:Forward", *chosen, "-n", "1"]
    assert main(command) == 0
    assert "1 pass, 2 unsupported (no gradient and no second derivative was asked)" in capfd.readouterr().out
    assert main([*command, "--require", "forward,gradient"]) == 1
    made = results(out)
    outcomes = {check["quantity"]: check["outcome"] for check in made["checks"]}
    assert outcomes == {"forward": "pass", "gradient": "fail", "second_derivative": "unsupported"}
    (fault,) = made["faults"]
    assert fault["sentence"] == "relu, gradient: required, but unsupported: forward computes no gradients"
    assert "--require forward,gradient" in made["checks"][1]["rerun"]
    assert made["seconds"] >= 0
    assert made["environment"]["cpu"]
    assert main([*command, "--require", "derivative"]) == 2
    assert "known: forward, gradient" in capfd.readouterr().err


@pytest.mark.usefixtures("own_journals")
def test_a_rerun_reproduces_its_check(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    first, again = tmp_path / "first.json", tmp_path / "again.json"
    arguments = [
        "run",
        "--backend",
        "numpy",
        "--activation",
        "tanhshrink",
        "--dtype",
        "float32",
        "--seed",
        "5",
    ]
    assert main([*arguments, "--out", str(first), "-n", "2"]) == 0
    (record,) = [
        r for r in results(first)["checks"] if r["id"] == "accuracy-tanhshrink-default-float32-forward"
    ]
    assert main([*record["rerun"].split()[1:], "--out", str(again), "-n", "1"]) == 0
    assert results(again)["checks"] == [record]
    assert "tanhshrink" in capfd.readouterr().out


@pytest.mark.usefixtures("own_journals")
def test_a_backend_that_ends_every_worker_is_told_at_once(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    path = tmp_path / "mine.py"
    path.write_text(
        "import os\nfrom actcheck.adapters.numpy_backend import NumpyAdapter\n"
        "class Mine(NumpyAdapter):\n    name = 'mine'\n"
        "if 'PYTEST_XDIST_WORKER' in os.environ:\n    os._exit(9)\n"
    )
    assert main(["run", "--backend", str(path), "--activation", "relu", "-n", "2"]) == 2
    message = capfd.readouterr().err.splitlines()[-1]
    assert "end before they are asked anything (exit status 9)" in message
