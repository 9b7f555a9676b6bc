"""The journal of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from actcheck.conformance.json_values import Ends, Hex, Ulp
from actcheck.conformance.model import Example, Fault, Outcome
from actcheck.conformance.results.finding_fields import fault_record
from actcheck.conformance.results.journal import Journal
from actcheck.conformance.results.model import CheckRecord, SegmentRecord, WorstRecord
from actcheck.conformance.results.records import CheckResult
from actcheck.reference.machine.kept import folder, key_of


def asked(name: str, outcome: Outcome = "pass") -> CheckResult:
    fault = Fault("max_ulp", "x", 2.0, ((1.0, float("inf")),), Example(1.0, float("inf"), -0.0))
    record = CheckRecord(
        id=name,
        activation="relu",
        variant={"alpha": float("inf")},
        format="float32",
        quantity="forward",
        check="accuracy",
        outcome=outcome,
        max_ulp=Ends((0.5, float("inf"))),
        worst=WorstRecord(Hex(0.1), Hex(float("inf")), Hex(-0.0)),
        segments=(SegmentRecord(Hex(-1.5), Hex(0.0), Ulp(0.5)),),
        faults=(fault_record(fault), fault_record(fault, "why")) if outcome == "fail" else (),
    )
    return CheckResult(record, ((0, 1),))


def test_what_was_answered_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "run.jsonl"
    first = Journal(path)
    first.add(asked("a"))
    first.add(asked("b", "fail"))
    # Nothing closes a journal: the process may be killed at any time.
    again = Journal(path)
    assert again.answers == {"a": asked("a"), "b": asked("b", "fail")}
    again.add(asked("c"))
    assert set(Journal(path).answers) == {"a", "b", "c"}


@pytest.mark.parametrize(
    "torn", [b'{"record": {"id": "c"', b"\xff\xfe\n", b"[]\n", b'{"seen": []}\n', b"null\n"]
)
def test_a_torn_line_costs_only_itself(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "run.jsonl"
    first = Journal(path)
    first.add(asked("a"))
    with path.open("ab") as stream:
        stream.write(torn)
    again = Journal(path)
    assert set(again.answers) == {"a"}
    again.add(asked("b"))
    assert set(Journal(path).answers) == {"a", "b"}


def test_a_cleared_journal_forgets(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run.jsonl")
    journal.add(asked("a"))
    journal.clear()
    assert journal.answers == {}
    assert not (tmp_path / "run.jsonl").exists()
    journal.add(asked("b"))
    assert set(Journal(tmp_path / "run.jsonl").answers) == {"b"}


def test_every_fact_names_another_journal() -> None:
    facts = {"backend": {"version": "1"}, "seed": 0}
    keys = {key_of(facts), key_of({**facts, "seed": 1}), key_of({**facts, "backend": {"version": "2"}})}
    assert len(keys) == 3
    assert key_of(facts) == key_of(dict(reversed(facts.items())))


def test_journals_lie_in_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ACTCHECK_CACHE", str(tmp_path))
    assert folder("runs") == tmp_path / "runs"
