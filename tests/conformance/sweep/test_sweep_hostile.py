"""Backends that would end, blind or hold up who sweeps them: all is told, and the command goes on."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from actcheck.conformance.backends.guard.contained import contained
from actcheck.conformance.cli import main
from actcheck.conformance.commands import apart_work
from actcheck.conformance.commands.apart import Apart, asking
from actcheck.conformance.model import Failure
from actcheck.conformance.sampling import sampled_sweep
from actcheck.conformance.sweep.job import Job
from tests.support.faults.planted_hostile import BREAKS, TAKES
from tests.support.folders import BREAKING

pytestmark = pytest.mark.xdist_group("sweep_hostile")
HOSTILE = BREAKING.with_name("planted_hostile.py")
GREEDY, BREAKER = f"{HOSTILE}:Greedy", f"{HOSTILE}:Breaking"
#: What is said of each.
TOLD = {
    "elu": "its worker died, twice",
    "hardtanh": "its worker died, twice",
    "relu": "its worker gave no answer within 2 s (--timeout), twice",
    "silu": "BaseException: no one catches me",
    "hardsigmoid": "UnknownError: not known",
    "hardswish": "SpeechlessError: its text cannot be had (ValueError)",
    "softsign": "KeyboardInterrupt",
    "relu6": "the backend replaced numpy.isnan, by which results are judged: nothing can be said of this ",
}
#: Asked about a single input; the others are asked the whole question.
SINGLE = ("hardtanh", "relu", "hardsigmoid", "relu6")
MEMORY = r"its worker took [0-9.]+ GiB of memory, where a worker may take 0\.5 GiB \(--memory\), twice"


def given(backend: str) -> argparse.Namespace:
    return argparse.Namespace(backend=backend, executor="local", scheduler=None, timeout=60, memory=0.5)


@pytest.fixture(scope="module")
def breaker() -> Iterator[Apart]:
    with asking(given(BREAKER), 1) as apart:
        yield apart


def test_each_kind_is_told() -> None:
    assert TOLD.keys() == BREAKS.keys() - {"leaky_relu"}


@pytest.mark.parametrize("name", TOLD)
def test_a_backend_that_breaks_is_an_error_with_its_reason(breaker: Apart, name: str) -> None:
    asking = replace(breaker, patience=2) if name == "relu" else breaker
    if name in SINGLE:
        found = asking.ask(apart_work.begin, Job(BREAKER, name))
    else:
        found = asking.ask(apart_work.answer, Job(BREAKER, name, format="float16"), "standard", 0)
    assert isinstance(found, Failure)
    assert (found.who, found.what[: len(TOLD[name])]) == ("backend", TOLD[name])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.thorough if name == "silu" else ())
        for name in TAKES
        if name != "hardtanh"
    ],
)
def test_memory_is_limited(name: str) -> None:
    with asking(given(GREEDY), 1) as apart:
        found = apart.ask(apart_work.answer, Job(GREEDY, name, format="bfloat16"), "standard", 0)
        assert isinstance(found, Failure)
        assert re.match("MemoryError: " if name == "relu" else MEMORY, found.what)
        assert apart.ask(apart_work.begin, Job(GREEDY, "tanh")) is None


def test_what_a_task_leaves_changed_is_a_fault_and_undone(capsys: pytest.CaptureFixture[str]) -> None:
    job = Job(BREAKER, "leaky_relu", (("negative_slope", 0.25),), format="float64")
    for _ in range(2):
        found = contained(sampled_sweep.work, job, 0, 1000, 0)
        assert "after a task the working directory is another" in found["faults"]["environment_changed"]
    print("still open")
    assert capsys.readouterr().out == "still open\n"


@pytest.mark.usefixtures("own_journals")
def test_a_crash_in_sixteen_bits_is_told_by_the_command(capfd: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", "elu", "--backend", BREAKER, "--dtype", "float16", "-n", "1"]
    assert main(words) == 1
    assert "error\n  backend error: its worker died, twice" in capfd.readouterr().out
