"""Input that breaks things: one message, exit status 2, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from actcheck.conformance.cli import main
from actcheck.conformance.writing import write_whole
from tests.support.report.report_results import document, entry

LONG = "a" * 5000
COMMAND = [sys.executable, "-c", "import sys; from actcheck.conformance.cli import main; sys.exit(main())"]


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The message of a command that must refuse its input."""
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    (message,) = (line for line in err.splitlines() if line.startswith("actcheck: "))
    return message.removeprefix("actcheck: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["elu", "--param", "alpha=nan"], "--param: elu: alpha is not a number (NaN)"),
        (["elu", "--param", "alpha=1e999"], "elu (alpha=inf) has no values: an infinite parameter"),
        (["elu", "--param", f"alpha={'9' * 400}"], "elu (alpha=inf) has no values"),
        (["elu", "--param", "alpha=²"], "'²' is not a number"),
        (["elu", "--param", f"alpha={LONG}"], "is not a number"),
        (["elu", "--param", f"{LONG}=1"], "elu has no such parameter; it has alpha"),
        (
            ["gelu", "--param", "approximate=foo"],
            "--param: gelu: approximate is one of none, tanh, not 'foo'",
        ),
        (["celu", "--param", "alpha=0"], "--param: celu (alpha=0.0): the parameters must keep alpha != 0"),
        (
            ["hardtanh", "--param", "min_val=3"],
            "hardtanh (min_val=3.0): the parameters must keep min_val < max_val",
        ),
        (
            ["glu", "--dtype", "float16", "--param", "dim=7"],
            "--param dim=7: a sweep's arrays have two dimensions",
        ),
        (["glu", "--dtype", "float16", "--param", "dim=1.5"], "'1.5' is not a whole number"),
        (["glu", "--dtype", "float16", "--param", "dim=nan"], "'nan' is not a whole number"),
        (["elu", "-n", "99999999"], "-n 99999999: give 1 to 1024 workers"),
        (["elu", "--seed", "-1"], "--seed -1: give a whole number from 0"),
        (["elu", "--seed", "9" * 40], "give a whole number from 0"),
        (["elu", "--dtype", "float64", "--points", "9" * 20], "at most 1e+13, which take days"),
        *(
            (["elu", "--executor", "dask", "--scheduler", address], f"--scheduler {address}: is no address")
            for address in ("", "junk", "tcp://[::", "ucx://x:1", "tcp://x", "tcp://127.0.0.1:99999", "://")
        ),
    ],
)
def test_sweep(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    said = told(capsys, "sweep", *words, "--backend", "numpy")
    assert message in said
    assert len(said) < 300 or LONG in words[-1]


@pytest.mark.parametrize("seconds", ["inf", "nan", "1e300", "1e-300", "0", "-1"])
def test_no_time_for_a_question(capsys: pytest.CaptureFixture[str], seconds: str) -> None:
    assert "give 0.001 to 1e+06 seconds" in told(capsys, "run", "--backend", "numpy", "--timeout", seconds)


@pytest.mark.parametrize("name", [LONG, "/".join(["a" * 200] * 30)], ids=["a long name", "a long way"])
@pytest.mark.parametrize(
    "words",
    [
        ["show", "{}.yaml"],
        ["run", "--backend", "{}.py"],
        ["run", "--backend", "numpy", "--spec", "{}.yaml"],
        ["run", "--backend", "numpy", "--out", "{}.json"],
        ["run", "--backend", "numpy", "--report", "{}.html"],
        ["sweep", "relu", "--backend", "numpy", "--json", "{}.json"],
        ["report", "{}.json"],
        ["faults", "{}"],
        ["reproduce", "{}", "1"],
        ["badge", "{}"],
        ["history", "{}", "-o", "x.html"],
        ["deviations", "check", "{}.yaml", "--results", "x.json"],
        ["deviations", "draft", "{}", "-o", "x.yaml"],
        ["plot", "relu", "-o", "{}"],
        ["new-adapter", "mine", "--out", "{}"],
        ["new-adapter", "{}"],
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_a_path_that_is_too_long(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.json").write_text("{}")
    assert name[:100] in told(capsys, *(word.format(name) for word in words))


def test_names_that_are_empty(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("")
    assert "cannot be read" in told(
        capsys, "deviations", "check", str(tmp_path / "list.yaml"), "--results", ""
    )
    (tmp_path / "r.json").write_text(json.dumps(document(entry(outcome="fail", message="wrong"))))
    assert main(["reproduce", str(tmp_path / "r.json"), "1", "--backend", ""]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/full"])
def test_a_device_without_an_end(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert "is longer than 268435456 bytes" in told(capsys, "report", name)
    assert "this is not a file" in told(capsys, "show", name)
    assert "this is not a file" in told(capsys, "deviations", "check", name, "--backend", "numpy")


def test_text_of_a_file_moves_nothing_in_a_message(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "bent.yaml"
    path.write_text('id: bent\n"a\\nb\\e[31m\\u202e": 1\n"' + "k" * 1000 + '": 1\n')
    assert main(["show", str(path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert all(str(path) in line and line.isprintable() and len(line) < 600 for line in lines)
    assert any(r":2: a\nb\x1b[31m\u202e: unknown key" in line for line in lines)


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_a_cache_that_cannot_be_made(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("")
    asked = {"run": ["--activation", "relu", "--check", "kinks"], "sweep": ["relu", "--dtype", "float16"]}
    for place in (tmp_path / "file", tmp_path / LONG, Path("/proc/none")):
        done = subprocess.run(
            [*COMMAND, command, *asked[command], "--backend", "numpy"],
            env={**os.environ, "ACTCHECK_CACHE": str(place)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"actcheck: {place}/")
        assert line.endswith("; set ACTCHECK_CACHE to a folder that can be written")


@pytest.mark.parametrize(
    "words",
    [
        ["run", "--backend", "numpy", "--activation", "relu", "--check", "kinks", "--out", "/dev/full"],
        ["run", "--backend", "numpy", "--activation", "relu", "--check", "kinks", "--report", "/dev/full"],
        ["sweep", "relu", "--backend", "numpy", "--dtype", "float16", "--json", "/dev/full"],
    ],
)
def test_a_disk_that_is_full(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert told(capsys, *words) == "/dev/full: cannot be written: No space left on device"
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize("words", [["show", "relu"], ["list", "--backend", "numpy"]])
def test_output_that_cannot_be_written(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "actcheck: the output: No space left on device; choose another place\n"


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        write_whole(pipe, "whole\n")
        assert reader.communicate()[0] == "whole\n"
    assert pipe.is_fifo()


def test_results_nested_without_end(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    start = '{"schema": "actcheck-results/2", "environment": '
    for content in (
        start + "[" * 600 + "]" * 600 + "}",
        start + '{"a": ' * 600 + "1" + "}" * 601,
        "[" * 200_000,
    ):
        path.write_text(content)
        for command in (["report"], ["compare", str(path)], ["faults"], ["badge"]):
            assert str(path) in told(capsys, command[0], *command[1:], str(path))


@pytest.mark.parametrize(
    ("numbers", "key"),
    [
        ("up_to: 1" + "0" * 350, "up_to"),
        ("up_to: 1, inputs: [[0, 1" + "0" * 350 + "]]", "inputs[0][1]"),
        ("up_to: 1, inputs: [[0, 1], ['0x1p99999', inf]]", "inputs[1][0]"),
        ("up_to: 1, inputs: [['-0x1.8p+1024', 1]]", "inputs[0][0]"),
    ],
)
def test_numbers_of_deviations_beyond_float64(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, numbers: str, key: str
) -> None:
    path = tmp_path / "list.yaml"
    entry = (
        "- {activation: relu, check: accuracy, seen: much, why: unknown, excuses: [{what: max_ulp, %s}]}\n"
    )
    path.write_text(entry % numbers)
    said = told(capsys, "deviations", "check", str(path), "--backend", "numpy")
    assert f"{path}:1: [0].excuses[0].{key}: lies beyond float64" in said
