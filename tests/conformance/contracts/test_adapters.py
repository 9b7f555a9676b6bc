"""`actcheck check-adapter`: what an adapter does wrong is said in words, whatever it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from actcheck.conformance.backends.guard.guarded import find
from actcheck.conformance.cli import main
from actcheck.conformance.contracts.adapters import planned

#: An adapter in which each form of a fault is a line of its own.
ADAPTER = """
import os, sys, time
import ml_dtypes
import numpy as np
from actcheck.adapters.base import *

BUFFER = np.zeros((4, 6), np.float32)

def relu(x):
    {relu}

def leaky_relu(x, negative_slope):
    return np.where(x > 0, x, x * x.dtype.type(negative_slope))

class Faulty(Adapter):
    name = "faulty"

    def describe(self):
        return Description("faulty", "1", "cpu", {formats}, quantities={quantities})

    def functions(self):
        return {{"relu": relu, "leaky_relu": leaky_relu, {more}}}

{methods}
"""
RIGHT = "return np.maximum(x, x.dtype.type(0))"


def written(
    folder: Path,
    relu: str = RIGHT,
    more: str = "",
    methods: str = "",
    formats: str = '("float16", "float32")',
    quantities: str = '("forward",)',
) -> str:
    path = folder / "faulty.py"
    indented = "".join(f"    {line}\n" for line in methods.splitlines())
    text = ADAPTER.format(relu=relu, more=more, methods=indented, formats=formats, quantities=quantities)
    path.write_text(text, "utf-8")
    return str(path)


def test_what_it_prints_is_not_the_commands_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check-adapter", written(tmp_path, f"print('<b>'); {RIGHT}")]) == 0
    assert capfd.readouterr().out == "39 trials, all well\n"


WRITES = "x[0] = 5; return np.maximum(x, x.dtype.type(0))"
BACK = "def to_host(self, array):\n    {}"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"more": '"swisch": relu'}, "functions(): swisch: there is no specification swisch; near: "),
        ({"more": '"tanh": "np.tanh"'}, "functions(): tanh: it is a str: map it to a function"),
        ({"quantities": '("forward", "gradients")'}, "gradients in quantities is unknown; near: gradient"),
        ({"formats": '("float16", "float32", "fp8")'}, "fp8 in formats is unknown"),
        ({"methods": "def lookup(self, name): return relu"}, "lookup() gives a function; what the framework"),
        (
            {"methods": "def forward(self, name, x, given): return relu(x)"},
            "forward() gives a result; return an Unsupported",
        ),
        (
            {"methods": "def to_backend(self, x): return x.astype(np.float32)"},
            "arrays of float16 in C order: returned float32 for an input in float16",
        ),
        (
            {"methods": "def to_backend(self, x): return np.ascontiguousarray(x)"},
            "arrays of float16 without dimensions: returned shape (1,) for an input of shape ()",
        ),
        (
            {
                "methods": "def to_backend(self, x):\n"
                "    whole = x if x.base is None else x.base\n"
                "    return np.frombuffer(whole, x.dtype)[:x.size].reshape(x.shape)"
            },
            "they are not what they were when they come back: element ",
        ),
        (
            {
                "methods": "def to_backend(self, x):\n"
                "    if x.size and x.flags.writeable: x[...] = 1\n"
                "    return x"
            },
            "to_backend writes to its argument: element 0",
        ),
        (
            {"methods": "def to_backend(self, x): raise ValueError('no strides')"},
            "to_backend, and to_host of what it gave, raised ValueError: no strides",
        ),
        ({"relu": WRITES}, "relu: forward in float16: input_changed: the call wrote to its argument x"),
        ({"relu": "return x"}, "relu: memory of results: the result lies in the memory of the input"),
        (
            {
                "relu": "if x.shape != BUFFER.shape or x.dtype != BUFFER.dtype: return np.maximum(x, 0)\n"
                "    return np.maximum(x, np.float32(0), out=BUFFER)"
            },
            "relu: memory of results: the next call writes to the result of the one before",
        ),
        ({"relu": "return [1.0]"}, "relu: forward in float16: returned "),
        ({"relu": "return x.astype(np.float64)"}, "relu: forward in float16: returned float64 for an input"),
        (
            {"relu": "return x.ravel()"},
            "relu: forward in float16: returned shape (24,) for an input of shape",
        ),
        ({"relu": "os.environ['HOME'] = 'x'; return x + 0"}, "the environment has another HOME; leave it"),
        (
            {"more": '"elu": lambda x: x + 0'},
            "(the parameters of the specification are passed by name: alpha)",
        ),
        (
            {"methods": "def defaults(self, name): return {'slope': 0.01} if name == 'leaky_relu' else {}"},
            "leaky_relu: the names of defaults(): slope is no parameter of leaky_relu",
        ),
        (
            {"methods": "def defaults(self, name): return [0.01]"},
            "leaky_relu: the names of defaults(): a list: return parameters by name, or an Unsupported",
        ),
        (
            {"methods": "def in_place(self, *given): return given[1]"},
            "relu: in_place(): a ndarray: return a InP",
        ),
        ({"methods": "def jvp(self, *given): return None"}, "relu: jvp(): returned None, expected an array"),
        (
            {"methods": "def double_backward(self, *given): return given[1], given[1]"},
            "relu: double_backward(): a tuple: return a DoubleBackward, or an Unsupported",
        ),
        (
            {"methods": "def attention_paths(self): return 'fast'"},
            "attention_paths() gives no tuple of names",
        ),
        (
            {"methods": "def use_threads(self, count): pass"},
            "use_threads() gives a NoneType, expected whether",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told(change: dict[str, str], told: str, tmp_path: Path) -> None:
    trials = [plan.trial() for plan in planned(find(written(tmp_path, **change)))]
    assert told in "\n".join(f"{trial.what}: {trial.wrong}" for trial in trials if trial.wrong)


@pytest.mark.parametrize(
    ("relu", "told"),
    [
        ("os._exit(3)", "wrong: relu: forward in float16: it ended its process (exit status 3)\n"),
        ("sys.exit('gone')", "wrong: relu: forward in float16: SystemExit: gone\n"),
        ("time.sleep(1000)", "wrong: relu: forward in float16: no answer in 10 s\n"),
        (
            "os.closerange(3, 999); time.sleep(1000)",
            "wrong: relu: forward in float16: it closed what its process answers through\n",
        ),
    ],
)
def test_the_trials_go_on_after_one_that_ends_or_hangs(
    relu: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, f'if x.dtype == "float16": {relu}\n    {RIGHT}')
    assert main(["check-adapter", path, "--timeout", "10"]) == 1
    assert capsys.readouterr().out == f"{told}39 trials, 1 wrong\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing.py"], "nothing.py: "),
        (["numpy", "--timeout", "0"], "--timeout 0: give seconds above 0"),
        (["numpy", "--option", "x"], "--option: "),
        (["numpy", "--activation", "reluu"], "--activation reluu: there is no such activation; near: relu"),
    ],
)
def test_bad_words_are_told(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-adapter", *words]) == 2
    assert told in capsys.readouterr().err
