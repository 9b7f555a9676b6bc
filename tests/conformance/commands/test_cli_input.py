"""Bad input: exit status 2 and one message that says what, where and what to do; never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from actcheck.conformance.cli import main

SPEC = """\
id: bent
title: Bent
summary: A bent line.
kind: elementwise
sources:
  - {title: Nothing, authors: Nobody, year: 2020}
shape: {input: (*), output: (*)}
definition:
  - {when: x > 0, value: x}
  - {value: x/2}
"""


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The message of a command that must refuse its input."""
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert err.startswith("actcheck: ")
    return err


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--backend", "nunpy"], ["no adapter 'nunpy'", "did you mean numpy?"]),
        (["--backend", "torch"], ["torch-cpu", "torch-cuda"]),
        (["--backend", "numpy", "--activation", "gellu"], ["gellu: no such activation", "gelu"]),
        (["--backend", "numpy", "--dtype", "float"], ["no such format: float", "float16, bfloat16, float32"]),
        (["--backend", "numpy", "--check", "acuracy"], ["acuracy", "near: accuracy", "special_values"]),
        (["--backend", "numpy", "-n", "0"], ["-n 0"]),
        (["--backend", "numpy", "--timeout", "-1"], ["--timeout -1"]),
        (["--backend", "numpy", "--spec", "none.yaml"], ["none.yaml: no such file"]),
        (["--backend", "none.py"], ["none.py: no such adapter file"]),
        (
            ["--backend", "numpy", "--out", "no/such/folder/r.json"],
            ["r.json: cannot be written", "make the folder"],
        ),
        (["--backend", "numpy", "--out", "."], [".: is a folder"]),
        (["--backend", "numpy", "--report", "no/such/folder/r.html"], ["r.html: cannot be written"]),
    ],
)
def test_run(capsys: pytest.CaptureFixture[str], words: list[str], parts: list[str]) -> None:
    message = told(capsys, "run", *words)
    assert all(part in message for part in parts), message


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("import no_such_framework\n", "does not import: ModuleNotFoundError"),
        ("x = (\n", "does not import: SyntaxError"),
        (
            "from actcheck.adapters.base import Adapter\nclass A(Adapter):\n    name = 'a'\n",
            "lacks describe()",
        ),
        ("x = 1\n", "defines no subclass"),
        ("raise SystemExit(3)\n", "does not import"),
        ("import os\nos._exit(5)\n", "ended its process while it was loaded (exit status 5)"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "killed by SIGKILL"),
        (
            "from actcheck.adapters.base import Adapter\nclass A(Adapter):\n    name = 'a'\n"
            "    def describe(self): return {}\n    def functions(self): return {}\n",
            "returned a dict, not a Description",
        ),
        (
            "from actcheck.adapters.base import Adapter\nclass A(Adapter):\n    name = 'a'\n"
            "    def describe(self): raise OSError('no driver')\n    def functions(self): return {}\n",
            "cannot be described: OSError: no driver",
        ),
    ],
)
def test_an_adapter_that_cannot_be_had(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, part: str
) -> None:
    path = tmp_path / "adapter.py"
    path.write_text(content)
    message = told(capsys, "run", "--backend", str(path), "--activation", "relu")
    assert part in message, message
    assert str(path) in message or "adapter" in message


def test_known_deviations_that_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["new-adapter", "mine", "--out", str(tmp_path / "mine.py")]) == 0
    capsys.readouterr()
    (tmp_path / "mine.deviations.yaml").write_text("- {activation: relu}\n")
    message = told(capsys, "run", "--backend", str(tmp_path / "mine.py"))
    assert "mine.deviations.yaml:1: [0]: 'check' is a required property" in message


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("title: Bent", "title: Bent\ntitle: Again", [":3: title: this key stands twice"]),
        ("value: x/2", "value: x/*2", [":10:", "definition[1].value"]),
        ("value: x/2", "value: swoosh(x)", [":10:", "swoosh"]),
        ("value: x/2", "value: x.real", [":10:", "definition[1].value"]),
        ("title: Bent\n", "", ["title"]),
        ("year: 2020", "year: soon", [":6:", "sources[0].year"]),
        ("value: x/2", "value: swoosh(x)/y", ["swoosh", "y"]),
        ("kind: elementwise", "kind: [", ["not YAML"]),
    ],
)
@pytest.mark.parametrize("command", ["show", "run"])
def test_a_specification_with_mistakes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str, old: str, new: str, parts: list[str]
) -> None:
    path = tmp_path / "bent.yaml"
    path.write_text(SPEC.replace(old, new))
    words = [str(path)] if command == "show" else ["--backend", "numpy", "--spec", str(path)]
    message = told(capsys, command, *words)
    assert "bent.yaml:" in message
    assert all(part in message for part in parts), message


@pytest.mark.parametrize(
    "words", [[], ["nonsense"], ["run"], ["run", "--backend"], ["run", "--level", "deep"]]
)
def test_usage(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(words)
    assert raised.value.code == 2
    assert "usage: actcheck" in capsys.readouterr().err


def test_new_adapter_leaves_what_exists_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mlx_adapter.py").write_text("mine")
    assert "exists already" in told(capsys, "new-adapter", "mlx")
    assert (tmp_path / "mlx_adapter.py").read_text() == "mine"
    assert "a letter first" in told(capsys, "new-adapter", "7")
    assert "cannot be written" in told(capsys, "new-adapter", "x", "--out", "no/such/x.py")


def test_a_named_backend_that_cannot_be_had_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--backend", "nunpy"]) == 2
    assert "did you mean numpy?" in capsys.readouterr().out
