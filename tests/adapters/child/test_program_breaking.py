"""A program that breaks: the call at hand is lost, with the reason in words, and the next one is answered."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import BackendLostError, Unsupported
from actcheck.adapters.child import ChildAdapter
from actcheck.adapters.child.program import RefusedError
from actcheck.adapters.registry import AdapterError, find
from tests.support.folders import PLANTED_PROGRAM

pytestmark = pytest.mark.xdist_group("program_breaking")

X = np.array([-1.0, 0.5, 2.0], np.float32)
SAID = '{"message": "hello", "protocol": 1, "name": "p", "version": "1", "formats": ["float32"], '
HELLO = SAID + '"quantities": ["forward"], "activations": {"relu": {}}}'


def inline(text: str) -> str:
    """The command of a program of a few lines."""
    return shlex.join([sys.executable, "-c", text])


@pytest.fixture(scope="module")
def planted() -> ChildAdapter:
    return ChildAdapter(shlex.join([sys.executable, str(PLANTED_PROGRAM)]))


@pytest.mark.parametrize(
    ("activation", "parameters", "told"),
    [
        (
            "hardtanh",
            {"min_val": -1.0, "max_val": 1.0},
            "gave no answer: it ended (killed by SIGSEGV), asked",
        ),
        (
            "hardswish",
            {},
            "wrote 6 of the 12 bytes that its reply announced, then it ended (killed by SIGKILL)",
        ),
        ("relu6", {}, "gave no answer: it ended (exit status 7), asked for the forward of relu6"),
        ("silu", {}, "gave no answer within 1.003 s, asked for the forward of silu"),
        (
            "mish",
            {},
            "wrote to its standard output what is no message: 'debug: <b>x</b>'; nothing but replies",
        ),
        ("sigmoid", {}, "wrote to its standard output what is no message: '\\x00<script>"),
        ("softsign", {}, "wrote 11 of the 12 bytes that its reply announced, then no more came in time"),
        (
            "selu",
            {},
            "wrote no newline after the 12 bytes that its reply announced: too few bytes, or too many",
        ),
        ("tanhshrink", {}, "announced float32 of shape [1099511627776], 4398046511104 bytes, for 12 bytes"),
        ("hardsigmoid", {}, "where call "),
        ("logsigmoid", {}, "wrote a bad message ok: shape: 'many' is not of type 'array'"),
        ("celu", {"alpha": 1.0}, "wrote to its standard output what is no message: '[[[["),
        ("elu", {"alpha": 1.0}, "answered error: <script>\\x1b[2J\\u202eeeee"),
        ("softplus", {"beta": 1.0, "threshold": 20.0}, "it closed its standard output and went on"),
    ],
)
def test_what_breaks_is_told_and_costs_no_other_call(
    planted: ChildAdapter, activation: str, parameters: dict[str, Any], told: str
) -> None:
    with pytest.raises(BackendLostError) as lost:
        planted.forward(activation, X, parameters)
    message = str(lost.value)
    assert message.startswith("the program planted ")
    assert told in message
    assert len(message) < 1000
    assert message.isprintable()
    np.testing.assert_array_equal(planted.forward("relu", X, {}), np.maximum(X, 0))


def test_the_end_of_its_standard_error_is_told(planted: ChildAdapter) -> None:
    # What the same program said in earlier tests may stand before it.
    with pytest.raises(BackendLostError, match=r"its standard error ends: (.* \| )?about to fall\\x1b\[31m$"):
        planted.forward("hardtanh", X, {"min_val": -1.0, "max_val": 1.0})


def test_what_it_lacks_is_a_value(planted: ChildAdapter) -> None:
    assert planted.forward("gelu", X, {"approximate": "none"}) == Unsupported("not in this build")
    assert planted.forward("threshold", X, {}) == Unsupported("planted has no threshold")
    assert planted.forward("relu", X, {"a": 1}) == Unsupported("the relu of planted has no parameter a")
    float16 = X.astype(np.float16)
    assert planted.forward("relu", float16, {}) == Unsupported("planted has no relu in float16")
    assert planted.second_derivative("relu", X, {}) == Unsupported(
        "planted computes no second derivatives of relu"
    )


def test_what_it_refuses_is_raised(tmp_path: Path) -> None:
    refusing = f"""
import sys; sys.path.insert(0, {str(PLANTED_PROGRAM.parent)!r})
import planted
planted.WAYS = {{"relu": lambda call, x: planted.refusal(call, "refused", "negative")}}
planted.serve()
"""
    with pytest.raises(RefusedError, match=r"^negative$"):
        ChildAdapter(inline(refusing)).forward("relu", X, {})


def test_what_follows_a_reply_is_told_before_the_next_call() -> None:
    talking = f"""
import os, sys; sys.path.insert(0, {str(PLANTED_PROGRAM.parent)!r})
import planted
def relu(call, x):
    planted.reply(call)
    planted.write(x + b"\\ndone\\n")
planted.WAYS = {{"relu": relu}}
planted.serve()
"""
    adapter = ChildAdapter(inline(talking))
    adapter.forward("relu", X, {})
    with pytest.raises(BackendLostError, match=r"between two calls: 'done\\n'"):
        adapter.forward("relu", X, {})
    adapter.forward("relu", X, {})


def saying(hello: str) -> str:
    """The command of a program that says this, and waits."""
    return inline(f"print({hello!r}); input(); input()")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("./no_such_program", "the program ./no_such_program cannot be started: there is no such file"),
        ("", "cannot be started: there is no such file"),
        ("'./open", "cannot be started: No closing quotation"),
        (
            inline("import sys; sys.exit('no licence')"),
            "(exit status 1); its standard error ends: no licence",
        ),
        (saying("Loading..."), "what is no message: 'Loading...'; nothing but"),
        (saying("[1]"), "what is no message: '[1]'"),
        (saying('{"message": "ok"}'), "wrote the message 'ok', expected hello"),
        (saying(HELLO.replace("1,", "2,")), "protocol: 1 was expected"),
        (saying(HELLO.replace("float32", "fp8")), "formats.0: 'fp8' is not one of"),
        (saying(HELLO.replace('"p"', '"<b>"')), "name: '<b>' does not match"),
        (inline("import os; os.close(1); input(); input()"), "it closed its standard output and went on"),
    ],
)
def test_a_program_that_does_not_say_hello_is_no_backend(command: str, told: str) -> None:
    with pytest.raises(AdapterError) as error:
        find(f"command:{command}")
    assert told in str(error.value)
    assert "actcheck check-program" in str(error.value)


def test_a_program_that_hangs_at_hello_is_given_up() -> None:
    with pytest.raises(BackendLostError, match=r"said no hello within 0\.5 s"):
        ChildAdapter(inline("input(); input()"), patience=0.5)


def test_a_program_that_says_another_hello_is_not_asked(tmp_path: Path) -> None:
    changing = f"""
import pathlib
seen = pathlib.Path({str(tmp_path / "seen")!r})
print('''{HELLO}'''.replace('"1"', '"2"') if seen.exists() else '''{HELLO}''', flush=True)
seen.touch()
input(); input()
"""
    adapter = ChildAdapter(inline(changing))
    for told in ("it ended", "says hello otherwise than when it was first started"):
        with pytest.raises(BackendLostError, match=told):
            adapter.forward("relu", X, {})
