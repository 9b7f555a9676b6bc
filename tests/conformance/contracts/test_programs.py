"""`actcheck check-program`: what a program does wrong is said in words."""

from __future__ import annotations

import shlex
import sys
from typing import Any

import pytest

from actcheck.conformance.cli import main
from tests.support.folders import EXAMPLES

FOLDER = EXAMPLES / "program_in_python"
#: The example, changed by a few lines.
CHANGED = """
import json, sys
sys.path.insert(0, {folder!r})
import my_kernels
from my_kernels import *
HELLO["activations"] = {{"relu": {{}}}}
{change}
serve(HELLO, answer)
{after}
"""


def tried(change: str, capsys: pytest.CaptureFixture[str], after: str = "") -> tuple[int, str]:
    text = CHANGED.format(folder=str(FOLDER), change=change, after=after)
    status = main(["check-program", shlex.join([sys.executable, "-c", text])])
    return status, capsys.readouterr().out


def test_a_program_that_keeps_to_the_protocol(capsys: pytest.CaptureFixture[str]) -> None:
    command = shlex.join([sys.executable, str(FOLDER / "my_kernels.py")])
    assert main(["check-program", command]) == 0
    assert capsys.readouterr().out == "28 trials, all well\n"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            'HELLO["activations"]["swisch"] = {}',
            "wrong: hello: swisch: there is no specification swisch; near: ",
        ),
        (
            'HELLO["activations"]["gelu"] = {}',
            "wrong: hello: gelu: the parameter approximate is missing: list it with true, or with the only",
        ),
        (
            'HELLO["activations"]["leaky_relu"] = {"parameters": {"slope": True, "negative_slope": True}}',
            "wrong: hello: leaky_relu: slope is no parameter of the specification",
        ),
        (
            'HELLO["activations"]["gelu"] = {"parameters": {"approximate": ["erf"]}}',
            "wrong: gelu: none of the specification's variants has parameters that hello allows",
        ),
        (
            'HELLO["activations"]["multihead_attention"] = {}',
            "the protocol has no calls for activations of the kind attention",
        ),
        ('HELLO["quantities"].append("fourth")', "wrong: hello: the program "),
        (
            'KERNELS["relu"] = None',
            "forward of relu in float32: hello says that it computes this, and the call is unsupported: no ",
        ),
        (
            'my_kernels.LETTERS["int32"] = "i"; KERNELS["relu"] = lambda x: int(max(x, 0)) if x == x else 0',
            "wrong: relu in int32, which it does not have: it gave a result; the answer is unsupported",
        ),
        (
            "def answer(call, arrays): raise RefusedError('no')",
            "it refuses parameters that the specification allows: no",
        ),
        (
            "def answer(call, arrays): print('x', file=sys.stderr); sys.exit(4)",
            "asked for the forward of relu; its standard error ends: x",
        ),
        (
            "def answer(call, arrays): call['arrays'][0]['shape'] = [5, 1]; return [0.0] * 5",
            "relu in float32: it returned float32 of shape [5, 1], expected float32 of shape [5]",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(change: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = tried(change, capsys)
    assert status == 1
    assert told in out
    assert out.splitlines()[-1].endswith(" wrong")


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ("import signal; signal.pause()", "it goes on: end the program when its standard input ends"),
        ("sys.exit(3)", "it ends with exit status 3, expected 0"),
    ],
)
def test_a_program_ends_with_its_input(
    after: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actcheck.conformance.commands.outside.check_program._PATIENCE", 5.0)
    status, out = tried("", capsys, after)
    assert status == 1
    assert f"wrong: the end of its input: {told}" in out


def test_a_program_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-program", "./no_such_program"]) == 1
    assert "wrong: hello: the program ./no_such_program cannot be started" in capsys.readouterr().out


def test_a_specification_of_ones_own_is_known(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    assert main(["check-program", "./x", "--spec", str(tmp_path / "none.yaml")]) == 2
