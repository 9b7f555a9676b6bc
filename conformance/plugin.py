"""The pytest plugin: ``pytest -p actcheck.conformance.plugin --backend NAME``.

It is loaded by name, so that options as general as ``--backend`` do not appear in every pytest run.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from actcheck.conformance.names import of_program

if TYPE_CHECKING:
    from actcheck.conformance.library.report import Report
    from actcheck.conformance.model import Question, Settings
    from actcheck.conformance.results.records import CheckResult
    from actcheck.conformance.run.session import Session
    from actcheck.conformance.run.watchdog import Watch

_SESSION: pytest.StashKey[Session] = pytest.StashKey()
_WATCH: pytest.StashKey[Watch] = pytest.StashKey()
_ASKED: pytest.StashKey[CheckResult] = pytest.StashKey()
_TESTS = Path(__file__).with_name("test_conformance.py")
_NOTE = "actcheck: give --backend NAME to run the conformance suite (actcheck list shows the backends)"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the suite."""
    group = parser.getgroup("actcheck", "conformance of activation functions")
    add = group.addoption
    add("--backend", help="the backend to examine: numpy, torch-cpu, path.py:Class, module:Class")
    told = "a program and its arguments, asked over pipes, for a backend"
    add("--command", dest="backend", type=of_program, metavar="COMMAND", help=told)
    add("--activation", action="append", default=[], metavar="NAME", help="only this one, or a YAML file")
    add("--dtype", action="append", default=[], metavar="FORMAT", help="only this format")
    add("--check", action="append", default=[], metavar="CHECK", help="only this check or question id")
    add("--level", choices=("quick", "full", "exhaustive"), default="quick", help="how thoroughly")
    add("--conformance-profile", choices=("standard", "strict"), default="standard", help="what passes")
    add("--number-model", default="", metavar="MODEL", help="judge in this one, not in the backend's own")
    add(
        "--dialect", default="", metavar="NAME", help="judge by this one's conventions, not the backend's own"
    )
    add("--seed", type=int, default=0, metavar="NUMBER", help="of the sampled points (default: 0)")
    # The folder in which `actcheck run` talks with its workers.
    add("--supervised", metavar="FOLDER", help=argparse.SUPPRESS)


def pytest_configure(config: pytest.Config) -> None:
    """Find the backend and the questions; a wrong option ends the run with one message."""
    option = config.option
    if not (option.backend or option.supervised):
        return
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(_TESTS)]
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    if option.supervised and not worker:
        return  # this process only hands out the questions
    # Imported here: without a backend this plugin must cost other people's pytest runs nothing.
    from actcheck.conformance.run.pytest_listener import Listener  # noqa: PLC0415
    from actcheck.conformance.run.session import SessionError, open_session  # noqa: PLC0415
    from actcheck.conformance.run.watchdog import collect_seldom, start  # noqa: PLC0415

    if option.supervised:
        config.stash[_WATCH] = start(Path(option.supervised), worker)
    try:
        session = config.stash[_SESSION] = open_session(_settings(config))
    except SessionError as error:
        raise pytest.UsageError(str(error)) from error
    if option.supervised:
        collect_seldom()
    if not worker:
        config.pluginmanager.register(Listener(session), "actcheck-listener")


def _settings(config: pytest.Config) -> Settings:
    """Those of a supervised run, or those that pytest's own command line asks for."""
    from actcheck.conformance.model import Settings  # noqa: PLC0415

    option, watch = config.option, config.stash.get(_WATCH, None)
    if watch:
        return watch.plan.settings
    return Settings(
        option.backend,
        activations=tuple(option.activation),
        formats=tuple(option.dtype),
        checks=tuple(option.check),
        level=option.level,
        profile=option.conformance_profile,
        seed=option.seed,
        number_model=option.number_model,
        dialect=option.dialect,
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A supervised worker that comes to its end is done."""
    watch = session.config.stash.get(_WATCH, None)
    if watch:
        watch.leaving.finished = True


def pytest_report_header(config: pytest.Config) -> str:
    """The backend, its framework's version and the device."""
    session = config.stash.get(_SESSION, None)
    return f"actcheck: {session.title}" if session else _NOTE


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without a backend there is nothing to ask."""
    return True if collection_path.name == _TESTS.name and _SESSION not in config.stash else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each question, named by its id."""
    session = metafunc.config.stash.get(_SESSION, None)
    if "question" in metafunc.fixturenames and session:
        watch = metafunc.config.stash.get(_WATCH, None)
        done = set(watch.plan.done) if watch else set()
        left = [q for q in session.questions if q.id not in done]
        metafunc.parametrize("question", left, ids=[q.id for q in left])


@pytest.fixture
def put(request: pytest.FixtureRequest) -> Callable[[Question], CheckResult]:
    """Puts a question to the backend and keeps what came of it for the report."""
    session = request.config.stash[_SESSION]
    watch = request.config.stash.get(_WATCH, None)

    def put(question: Question) -> CheckResult:
        with watch.over_question() if watch else contextlib.nullcontext():
            asked = session.put(question)
        request.node.stash[_ASKED] = asked
        return asked

    return put


@pytest.fixture
def conforms(request: pytest.FixtureRequest) -> Callable[..., Report]:
    """Fails the test, with all that is wrong, where a bare function does not conform to an activation.

    It takes what `actcheck.check` takes, ``conforms(my_gelu, "gelu", gradient=my_gradient)``, and returns
    the report. ``--level`` and ``--number-model`` are those of the command line unless they are given.
    """
    # Imported here, as above.
    from actcheck.conformance.library.check import check  # noqa: PLC0415

    option = request.config.option
    usual = {"level": option.level, **({"number_model": option.number_model} if option.number_model else {})}

    def conforms(function: Callable[..., Any], activation: Any, /, *options: Any, **named: Any) -> Report:
        __tracebackhide__ = True
        report = check(function, activation, *options, **{**usual, **named})
        if not report.passed:
            pytest.fail(str(report), pytrace=False)
        return report

    return conforms


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let the outcome travel with the report, from a worker's process too."""
    report = yield
    asked = item.stash.get(_ASKED, None)
    if asked is not None and report.when == "call":
        # Imported here, as above.
        from actcheck.conformance.results.json_form import plain  # noqa: PLC0415

        report.actcheck = plain(asked)
    return report
