"""pytest driven from above: workers in processes of their own, each answer kept as it comes.

A worker that dies or hangs costs the one question that it was asked; pytest-xdist replaces it. A question
whose worker died is put once more at the end: somebody may have killed it, for its memory say.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from actcheck.conformance.backends.process_exit import ending, hung, judging, place
from actcheck.conformance.backends.process_memory import looking
from actcheck.conformance.deviations.known import KnownDeviations
from actcheck.conformance.model import Failure, Question
from actcheck.conformance.results.json_form import restored
from actcheck.conformance.results.records import CheckResult, settle
from actcheck.conformance.results.rerun import Rerun
from actcheck.conformance.run import overseer
from actcheck.conformance.run.overseer import Overseer
from actcheck.conformance.run.watchdog import Plan

#: pytest's settings, and the tests that it is to find.
_SETTINGS = Path(str(resources.files(__package__) / "supervised.ini"))
_TESTS = Path(str(resources.files("actcheck.conformance") / "test_conformance.py"))
#: Workers that may end, one after the other, without an answer in between.
_PATIENCE = 3


class CollapseError(RuntimeError):
    """The workers end before they can be asked anything; the text says how the last one did."""


@dataclass
class Supervisor:
    """A run's view of its workers: a pytest plugin of the process that hands out the questions."""

    questions: Mapping[str, Question]
    rerun: Rerun
    heard: Callable[[CheckResult], None]
    #: Seconds for a question, after which its worker counts as hung.
    timeout: float
    #: Bytes that a worker may take.
    memory: int
    folder: Path = field(default_factory=Path)
    #: Set when the run was interrupted.
    interrupted: bool = False
    _overseer: Overseer = field(init=False)
    #: Ids of questions whose worker died.
    _died: set[str] = field(default_factory=set)
    _last_time: bool = False
    _silent: int = 0
    _last: str = ""

    def run(self, workers: int, done: tuple[str, ...]) -> None:
        """Put every question that is not done. Raises CollapseError."""
        with tempfile.TemporaryDirectory(prefix="actcheck-") as name, _environment(workers):
            self.folder = Path(name)
            self._put(workers, done)
            if self._died and not self.interrupted:
                self._last_time = True
                self._put(workers, tuple(self.questions.keys() - self._died))

    def _put(self, workers: int, done: tuple[str, ...]) -> None:
        Plan(self.rerun.settings, done, self.timeout).write(self.folder)
        self._overseer = Overseer(self.timeout + overseer.SLACK, self.memory)
        with looking(self._overseer.look):
            status = pytest.main(self._arguments(workers), plugins=[self])
        self.interrupted = status == pytest.ExitCode.INTERRUPTED
        if self._silent > _PATIENCE:
            raise CollapseError(self._last)

    def _arguments(self, workers: int) -> list[str]:
        quiet = [
            word for name in ("terminal", "faulthandler", "cacheprovider") for word in ("-p", f"no:{name}")
        ]
        loaded = [word for name in ("xdist.plugin", "actcheck.conformance.plugin") for word in ("-p", name)]
        settings = ["-c", str(_SETTINGS), "--rootdir", str(_TESTS.parent), "--import-mode=importlib"]
        # Long portions at first, so that few workers load the same certificates, and shorter ones towards the
        # end; a worker's death costs none of its portion.
        spread = ["-n", str(workers), "--dist", "load", "--maxschedchunk", "400"]
        restarts = ["--max-worker-restart", str(len(self.questions) + _PATIENCE)]
        supervised = ["--supervised", str(self.folder)]
        # Named, so that no conftest.py of the folder that we are called from is loaded.
        tests = str(_TESTS)
        return [*quiet, *loaded, *settings, *spread, *restarts, *supervised, tests]

    def pytest_xdist_newgateway(self, gateway: Any) -> None:
        """A worker begins."""
        self._overseer.hear(gateway.id, _process(gateway))

    def pytest_xdist_node_collection_finished(self, node: Any) -> None:
        """A worker has loaded the backend."""
        self._overseer.hear(node.gateway.id, _process(node.gateway))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A worker answered; what broke outside the question itself is the harness's error."""
        gateway = getattr(getattr(report, "node", None), "gateway", None)
        if gateway is not None:
            self._overseer.hear(gateway.id, _process(gateway))
        plain = getattr(report, "actcheck", None)
        if plain is not None:
            self._hear(restored(CheckResult, plain))
        elif report.failed and report.when in ("setup", "teardown"):
            self._broke(report.nodeid, Failure("harness", str(report.longrepr).strip(), ""))

    def pytest_handlecrashitem(self, crashitem: str, report: Any) -> None:
        """A worker died or hung while it was asked this."""
        gateway = report.node.gateway
        trace = self._trace(gateway.id)
        where, who = place(trace), "harness" if judging(trace) else "backend"
        if hung(trace) or gateway.id in self._overseer.silent:
            what = f"no answer within {self.timeout:g} s (--timeout)"
        elif self._last_time:
            greedy = self._overseer.greedy.get(gateway.id)
            what = f"the process {greedy or f'died: {ending(_status(gateway))}'}"
        else:
            self._silent = 0  # it was asked something
            self._died.add(_identity(crashitem))
            return
        self._broke(crashitem, Failure(who, what, where))

    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Stop when worker after worker ends and no question is answered in between."""
        self._overseer.forget(node.gateway.id)
        if error and error != "keyboard-interrupt":
            self._silent += 1
            how = self._overseer.greedy.get(node.gateway.id) or ending(_status(node.gateway))
            self._last = f"{how} {place(self._trace(node.gateway.id))}".strip()
            if self._silent > _PATIENCE:
                pytest.exit("the workers end at once")

    def _trace(self, worker: str) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / f"{worker}.trace").read_text("utf-8", "replace")
        return ""

    def _broke(self, nodeid: str, failure: Failure) -> None:
        question = self.questions.get(_identity(nodeid))
        if question is not None:
            self._hear(settle(question, failure, KnownDeviations(), self.rerun))

    def _hear(self, asked: CheckResult) -> None:
        self._silent = 0
        self.heard(asked)


def _identity(nodeid: str) -> str:
    """The id of the question that a test is about."""
    return nodeid.partition("[")[2].removesuffix("]")


def _process(gateway: Any) -> int | None:
    """The id of a worker's process; None where execnet does not tell."""
    number: int | None = getattr(getattr(gateway._io, "popen", None), "pid", None)
    return number


def _status(gateway: Any) -> int | None:
    """The exit status of a worker that is gone; None where execnet does not tell."""
    try:
        status: int | None = gateway._io.popen.wait(5)
    except Exception:
        return None
    return status


def cores() -> int:
    """The processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextlib.contextmanager
def _environment(workers: int) -> Iterator[None]:
    """Only our plugins, and no more threads than cores; restored afterwards."""
    threads = str(max(1, cores() // workers))
    ours = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", threads),
    }
    kept = {name: os.environ.get(name) for name in (*ours, "PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
