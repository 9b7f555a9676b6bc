"""The end of a pytest run: what it tells of the known deviations themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from actcheck.conformance.results.json_form import restored
from actcheck.conformance.results.records import CheckResult
from actcheck.conformance.run.staleness import review

if TYPE_CHECKING:
    from actcheck.conformance.results.model import CheckRecord
    from actcheck.conformance.run.session import Session


class Listener:
    """Hears every answer, and reviews the known deviations when all are in."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._answers: dict[str, CheckResult] = {}
        self._told: list[CheckRecord] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome that travelled with the report."""
        plain = getattr(report, "actcheck", None)
        if plain is not None:
            asked = restored(CheckResult, plain)
            self._answers[asked.record.id] = asked

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """An entry that matches no check fails the run; one that is no longer seen is told."""
        s = self._session
        self._told = list(review(s.known, s.selection, self._answers, s.rerun)) if self._answers else []
        if session.exitstatus == 0 and any(r.outcome == "error" for r in self._told):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print what was found."""
        if self._told:
            terminalreporter.section("known deviations")
        for told in self._told:
            terminalreporter.write_line(f"{told.outcome}: {told.message}")
