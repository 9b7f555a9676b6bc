"""Giving out work: workers that die, tasks that fail, and bad requests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from actcheck.conformance.cli import main
from actcheck.conformance.sweep import scheduler
from actcheck.conformance.sweep.executors import opened
from actcheck.conformance.sweep.scheduler import PATIENCE, Driver
from actcheck.conformance.usage import UsageError
from tests.support.thorough import one_in

DIES = "__import__('os')._exit(3)"


def run(tasks: list[str], patience: float = PATIENCE) -> dict[str, object]:
    with opened("local", 2) as executors:
        # eval stands for the work: a function that every worker can import.
        driver = Driver(executors, eval, 2, patience)
        return {task: result for (task,), result in driver.run([(t,) for t in tasks])}


def test_every_task_is_done_once() -> None:
    assert run(["1 + 1", "2 + 2", "3 + 3"]) == {"1 + 1": 2, "2 + 2": 4, "3 + 3": 6}


def test_a_task_that_kills_its_worker_loses_nothing_else() -> None:
    tasks = [f"{n} * 2" for n in range(12)]
    found = run([*tasks[:5], DIES, *tasks[5:]])
    assert found.pop(DIES) == "its worker died, twice"
    assert found == {task: 2 * n for n, task in enumerate(tasks)}


def test_a_worker_that_dies_once_is_forgiven(tmp_path: Path) -> None:
    marker = repr(str(tmp_path / "marker"))
    once = f"7 if __import__('os').path.exists({marker}) else (open({marker}, 'w').close(), {DIES})"
    assert run(["1", once, "2"]) == {"1": 1, once: 7, "2": 2}


@pytest.mark.parametrize(
    "hangs",
    one_in(
        2, ["__import__('os').kill(__import__('os').getpid(), 19)", "__import__('threading').Event().wait()"]
    ),
    ids=["is stopped", "hangs"],
)
def test_a_worker_that_gives_no_answer_loses_nothing_else(hangs: str) -> None:
    found = run(["1", hangs, "2", "3"], patience=5)
    assert found.pop(hangs) == "its worker gave no answer within 5 s (--timeout), twice"
    assert found == {"1": 1, "2": 2, "3": 3}


#: Writes the beginning of a result, of which the rest never comes.
CUT_OFF = (
    "(__import__('os').write(next(q for q in __import__('gc').get_objects()"
    " if type(q).__name__ == 'SimpleQueue')._writer.fileno(), b'\\0\\0\\1\\0rest'),"
    " __import__('os')._exit(3))"
)


def test_a_worker_that_dies_in_the_midst_of_a_result_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler, "_LOOK", 0.2)
    found = run(["1", CUT_OFF, "2"])
    assert found.pop(CUT_OFF) == "its worker died, twice"
    assert found == {"1": 1, "2": 2}


STOPPED = """
import os, signal
from actcheck.conformance.sweep.executors import opened, processes
from actcheck.conformance.sweep.scheduler import Driver
with opened("local", 2) as executors:
    assert len([*Driver(executors, eval, 2).run([("1",), ("2",), ("3",)])]) == 3
    executor = executors.take()
    os.kill(processes(executor)[{}], signal.SIGSTOP)
    executors.give_back(executor)
print("done")
"""


@pytest.mark.parametrize("number", [0, 1])
def test_a_worker_that_is_stopped_at_the_end_is_not_waited_for(number: int) -> None:
    code = STOPPED.format(number)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert (done.stdout, done.stderr) == ("done\n", "")


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "GeneratorExit", "BaseException", "SystemExit"])
def test_a_task_may_raise_anything(error: str) -> None:
    raising = f"(_ for _ in ()).throw({error}('no'))"
    assert run(["1", raising]) == {"1": 1, raising: f"{error}: no"}


def test_a_task_that_fails_is_told() -> None:
    assert run(["1", "1 / 0"]) == {"1": 1, "1 / 0": "ZeroDivisionError: division by zero"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sweep", "relu", "--backend", "numpi"], "numpy"),
        (["sweep", "reluu", "--backend", "numpy"], "relu"),
        (["sweep", "prelu", "--backend", "numpy"], "element-wise"),
        (["sweep", "glu", "--backend", "numpy"], "float16 and bfloat16"),
        (["sweep", "elu", "--backend", "numpy", "--param", "alfa=1"], "alpha"),
        (["sweep", "elu", "--backend", "numpy", "--param", "alpha=one"], "not a number"),
        (["sweep", "relu", "--backend", "numpy", "-n", "0"], "give 1 to 1024 workers"),
        (["sweep", "relu", "--backend", "numpy", "--executor", "dask"], "--scheduler"),
        (["sweep", "relu", "--backend", "numpy", "--json", "/nowhere/out.json"], "make the folder first"),
    ],
    ids=lambda v: " ".join(v[1:]) if isinstance(v, list) else v,
)
def test_bad_input_gets_one_message(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("actcheck: ")
    assert said in error


def test_dask_without_a_scheduler_is_told() -> None:
    with pytest.raises(UsageError, match="--scheduler ADDRESS"), opened("dask", 2):
        pass
