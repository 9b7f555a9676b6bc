"""The pytest plugin: ``pytest -p actcheck.conformance.plugin --backend NAME``.

It is loaded by name, so that options as general as ``--backend`` do not appear in every pytest run.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from actcheck.conformance.model import Question
    from actcheck.conformance.records import Asked
    from actcheck.conformance.session import Session

_KEY: pytest.StashKey[Session] = pytest.StashKey()
_ASKED: pytest.StashKey[Asked] = pytest.StashKey()
_TESTS = Path(__file__).with_name("test_conformance.py")
_NOTE = "actcheck: give --backend NAME to run the conformance suite (actcheck list shows the backends)"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the suite."""
    group = parser.getgroup("actcheck", "conformance of activation functions")
    add = group.addoption
    add("--backend", help="the backend to examine: numpy, torch-cpu, path.py:Class, module:Class")
    add("--activation", action="append", default=[], metavar="NAME", help="only this one, or a YAML file")
    add("--dtype", action="append", default=[], metavar="FORMAT", help="only this format")
    add("--check", action="append", default=[], metavar="CHECK", help="only this check or question id")
    add(
        "--level",
        choices=("quick", "full", "exhaustive"),
        default="quick",
        help="how thoroughly (default: quick)",
    )
    add("--conformance-profile", choices=("standard", "strict"), default="standard", help="what passes")
    add("--seed", type=int, default=0, metavar="NUMBER", help="of the sampled points (default: 0)")


def pytest_configure(config: pytest.Config) -> None:
    """Find the backend and the questions; a wrong option ends the run with one message."""
    option = config.option
    if not option.backend:
        return
    # Imported here: without a backend this plugin must cost other people's pytest runs nothing.
    from actcheck.conformance.session import SessionError, open_session  # noqa: PLC0415

    try:
        config.stash[_KEY] = open_session(
            option.backend,
            activations=option.activation,
            formats=option.dtype,
            checks=option.check,
            level=option.level,
            profile=option.conformance_profile,
            seed=option.seed,
        )
    except SessionError as error:
        raise pytest.UsageError(str(error)) from error
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(_TESTS)]


def pytest_report_header(config: pytest.Config) -> str:
    """The backend, its framework's version and the device."""
    session = config.stash.get(_KEY, None)
    return f"actcheck: {session.title}" if session else _NOTE


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without a backend there is nothing to ask."""
    return True if collection_path.name == _TESTS.name and _KEY not in config.stash else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a question, named by its id."""
    if "question" in metafunc.fixturenames and _KEY in metafunc.config.stash:
        questions = metafunc.config.stash[_KEY].questions
        metafunc.parametrize("question", questions, ids=[q.id for q in questions])


@pytest.fixture
def put(request: pytest.FixtureRequest) -> Callable[[Question], Asked]:
    """Puts a question to the backend and keeps what came of it for the report."""

    def put(question: Question) -> Asked:
        asked = request.config.stash[_KEY].put(question)
        request.node.stash[_ASKED] = asked
        return asked

    return put


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let the outcome travel with the report, from a worker's process too."""
    report = yield
    asked = item.stash.get(_ASKED, None)
    if asked is not None and report.when == "call":
        report.actcheck = asked.plain()
    return report
