"""Backends that would end, blind or hold up the run: each costs its own questions, and no others."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from actcheck.adapters.base import Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.backends.asker import calling, tried
from actcheck.conformance.backends.guard.guarded import Guarded
from actcheck.conformance.backends.guard.process import BlindedError, Process, listening
from actcheck.conformance.backends.probe import ProbeError, look, probe
from actcheck.conformance.backends.process_memory import GIB
from actcheck.conformance.cli import main
from actcheck.conformance.run import overseer
from actcheck.conformance.run.overseer import Overseer
from tests.support.faults.planted_hostile import ACTS, SAID, TAKES
from tests.support.folders import BREAKING

HOSTILE = f"{BREAKING.with_name('planted_hostile.py')}:Hostile"
GREEDY = HOSTILE.replace("Hostile", "Greedy")
TOOK = r"took [0-9.]+ GiB of memory, where a worker may take 0\.5 GiB \(--memory\)"
ORDINARY = ("elu", "hardtanh", "softshrink", "softsign", "tanh")
#: The beginning of what is said of the others.
TOLD = {
    "hardshrink": "backend error: no answer within 15 s (--timeout)",
    "hardsigmoid": "backend error: no answer within 15 s (--timeout)",
    "hardswish": "backend error: BaseException: no one catches me (",
    "leaky_relu": "backend error: GeneratorExit (",
    "logsigmoid": "backend error: Skipped: not today (",
    "relu": "backend error: XFailed: as expected (",
    "relu6": "backend error: SpeechlessError: its text cannot be had (ValueError) (",
    "selu": "backend error: KeyboardInterrupt (",
    "celu": "backend error: the backend replaced numpy.isnan, by which results are judged",
    "gelu": "input_changed: the call changed the table of its parameters",
    "sigmoid": "backend error: RecursionError: ",
    "silu": "backend error: RuntimeError: so much to say so much to say ",
    "mish": "the adapter gives no reason",
    "softplus": "the adapter gives no reason",
    "tanhshrink": "environment_changed: after a question the working directory is another",
}


@pytest.mark.usefixtures("own_journals")
def test_a_hostile_act_costs_its_own_question(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(overseer, "SLACK", 7.0)
    assert {*ACTS, *SAID, "gelu", *ORDINARY} == {*TOLD, *ORDINARY}
    out = tmp_path / "results.json"
    chosen = [word for name in (*TOLD, *ORDINARY) for word in ("--activation", name)]
    check = ["--check", "special_values-*-default-float32-forward"]
    words = ["run", "--backend", HOSTILE, *chosen, *check, "-n", "2", "--timeout", "15", "--out", str(out)]
    assert main(words) == 1
    made = json.loads(out.read_text("utf-8"))
    assert made["complete"] is True
    said = {c["activation"]: (c["outcome"], c.get("message", "")) for c in made["checks"]}
    assert {name: said[name] for name in ORDINARY} == dict.fromkeys(ORDINARY, ("pass", ""))
    for name, begins in TOLD.items():
        outcome, message = said[name]
        assert message.startswith(begins), name
        assert outcome != "pass"
        assert len(message) < 6000, name
    assert len(capfd.readouterr().out) < 10_000


@pytest.mark.thorough
@pytest.mark.usefixtures("own_journals")
def test_memory_costs_the_question_that_takes_it(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    chosen = [word for name in (*TAKES, "tanh") for word in ("--activation", name)]
    check = ["--check", "special_values-*-default-float32-forward", "--memory", "0.5"]
    assert main(["run", "--backend", GREEDY, *chosen, *check, "-n", "1", "--out", str(out)]) == 1
    made = json.loads(out.read_text("utf-8"))
    assert made["complete"] is True
    said = {c["activation"]: (c["outcome"], c.get("message", "")) for c in made["checks"]}
    assert said.pop("tanh") == ("pass", "")
    outcome, told = said.pop("relu")
    assert outcome == "error"
    assert "MemoryError: Unable to allocate" in told
    for name, (outcome, told) in said.items():
        assert outcome == "error", name
        assert re.fullmatch(rf"backend error: the process {TOOK}", told), name


@pytest.mark.parametrize("ask", [tried, lambda call: calling("a call")(call)()])
def test_a_lack_of_memory_is_neither_a_refusal_nor_a_fault(ask: Callable[..., object]) -> None:
    with pytest.raises(MemoryError):
        ask(lambda: np.ones(1 << 56))


def test_memory_that_is_taken_while_loading_is_told(tmp_path: Path) -> None:
    path = tmp_path / "planted.py"
    taking = "import numpy as np, threading\nA = np.ones(1 << 27)\nthreading.Event().wait()"
    path.write_text(LIBRARY.format(before=taking, describe="pass"), "utf-8")
    with pytest.raises(ProbeError, match=rf"{TOOK} while it was loaded"):
        probe(str(path), memory=GIB // 2)


LIBRARY = """
from actcheck.adapters.base import Description, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
{before}
class Planted(NumpyAdapter):
    name = "planted"
    def describe(self):
        {describe}
"""


@pytest.mark.parametrize(
    ("before", "describe", "told"),
    [
        ("raise BaseException('no')", "pass", "does not import: BaseException: no ("),
        ("raise KeyboardInterrupt", "pass", "cannot be described: KeyboardInterrupt"),
        (
            "import pytest\npytest.skip('no', allow_module_level=True)",
            "pass",
            "does not import: Skipped: no (",
        ),
        ("", "raise GeneratorExit", "cannot be described: GeneratorExit"),
        ("", "return None", "returned a NoneType, not a Description"),
        ("", "return Description('a', '1', 'cpu', details=None)", "cannot be described: AttributeError: "),
        ("import os\nos._exit(5)", "pass", "ended its process while it was loaded (exit status 5)"),
    ],
)
def test_a_backend_that_breaks_before_it_is_asked_is_one_message(
    before: str, describe: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "planted.py"
    path.write_text(LIBRARY.format(before=before, describe=describe), "utf-8")
    with pytest.raises(ProbeError) as raised:
        probe(str(path))
    assert told in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_details_are_text(tmp_path: Path) -> None:
    path = tmp_path / "planted.py"
    given = "return Description('a', '1', 'cpu', details={'threads': float('nan'), 'b': None})"
    path.write_text(LIBRARY.format(before="", describe=given), "utf-8")
    assert look(str(path))["details"] == {"threads": "nan", "b": "None"}


@pytest.mark.parametrize("reason", [None, "", "  ", 7])
def test_a_reason_is_text(reason: object) -> None:
    assert Unsupported(reason).reason == "the adapter gives no reason"  # type: ignore[arg-type]
    assert len(Unsupported("so " * 10**6).reason) < 2000


# Other tests of this process may have loaded frameworks that warn of every fork.
@pytest.mark.filterwarnings("ignore")
def test_a_child_that_a_call_forks_ends() -> None:
    class Forking(NumpyAdapter):
        def call(self, activation: str, x: object, parameters: object) -> object:
            forked.append(os.fork())
            if forked[-1] == 0:
                os.write(writing, b"child")
            return super().call(activation, x, parameters)  # type: ignore[arg-type]

    forked: list[int] = []
    reading, writing = os.pipe()
    asker = os.getpid()
    x = np.float32([-1, 2])
    assert Guarded(Forking()).forward("relu", x, {}).tolist() == [0, 2]
    assert os.getpid() == asker, "the child did not come back"
    assert os.read(reading, 5) == b"child"
    _, status = os.waitpid(forked[0], 0)
    assert os.waitstatus_to_exitcode(status) == 0
    os.close(reading)
    os.close(writing)


def test_a_real_interrupt_is_told_from_one_that_is_raised() -> None:
    with pytest.raises(KeyboardInterrupt), listening() as heard:
        os.kill(os.getpid(), signal.SIGINT)
    assert heard.interrupt
    with pytest.raises(KeyboardInterrupt), listening() as heard:
        raise KeyboardInterrupt
    assert not heard.interrupt
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda: os.environ.update(PATH="/nowhere"), "the environment has another PATH"),
        (lambda: os.environ.pop("PATH"), "the environment has another PATH"),
        (lambda: os.chdir("/"), "the working directory is another"),
        (lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN), "the handler of SIGTERM is another"),
        (lambda: signal.signal(signal.SIGINT, signal.SIG_IGN), "the handler of SIGINT is another"),
    ],
)
def test_changes_are_told_and_undone(change: Callable[[], object], told: str) -> None:
    def state() -> tuple[object, ...]:
        return Path.cwd(), {**os.environ}, signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    before, process = state(), Process()
    change()
    assert process.restored() == [told]
    assert state() == before
    assert Process().restored() == []


def test_a_replaced_function_blinds() -> None:
    isnan, process = np.isnan, Process()
    np.isnan = np.isinf
    with pytest.raises(BlindedError, match=r"replaced numpy\.isnan, by which"):
        process.restored()
    assert np.isnan is isnan


def test_a_new_name_in_numpy_is_no_replacement(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process()
    monkeypatch.setattr(np, "something_new", 1, raising=False)
    assert process.restored() == []


def test_only_those_that_are_silent_are_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    killed, now = [], [0.0]
    monkeypatch.setattr(os, "kill", lambda process, _: killed.append(process))
    monkeypatch.setattr(overseer.process_memory, "too_much", lambda process, memory: "")
    seer = Overseer(10, GIB, lambda: now[0])
    for worker, process in (("a", 1), ("b", 2), ("c", 3)):
        seer.hear(worker, process)
    now[0] = 9
    seer.look()
    seer.hear("a", 1)
    seer.forget("c")
    now[0] = 18
    seer.look()
    assert (killed, seer.silent) == ([2], {"b"})
    now[0] = 20
    seer.look()
    assert killed == [2, 1]
