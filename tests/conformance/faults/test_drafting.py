"""Lists of known deviations: drafted from results, applied to results, and looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.cli import main
from actcheck.conformance.deviations.files import read as read_list
from actcheck.conformance.deviations.known import Deviation, Excuse, KnownDeviations
from actcheck.conformance.faults import drafting
from actcheck.conformance.faults.distinct import distinct
from actcheck.conformance.results import documents
from actcheck.conformance.results.model import Results
from actcheck.conformance.run.lists import applied, looked_at
from actcheck.reference.specification.loading import load_all
from tests.support.distinct_faults import asked, results
from tests.support.faults.planted_constants import TwoFaults

pytestmark = pytest.mark.xdist_group("drafting")

SPECS = load_all()


@pytest.fixture(scope="module")
def failed() -> Results:
    checks = asked(TwoFaults(), "gelu", "mish")
    return replace(results(checks), faults=distinct(checks, SPECS))


@pytest.fixture
def entries(failed: Results, tmp_path: Path) -> tuple[Deviation, ...]:
    path = tmp_path / "drafted.yaml"
    path.write_text(drafting.text(failed, drafting.draft(failed, SPECS)), "utf-8")
    return read_list(path)


def outcomes(made: Results) -> set[str]:
    return {check.outcome for check in made.checks}


def test_a_draft_excuses_all_that_was_seen_and_says_that_nobody_knows_why(
    failed: Results, entries: tuple[Deviation, ...]
) -> None:
    assert "fail" in outcomes(failed)
    made = applied(KnownDeviations(entries), failed, SPECS)
    assert outcomes(made) <= {"pass", "known_deviation", "unsupported"}
    assert {entry.why for entry in entries} == {"unknown"}
    assert len(made.faults) == len(failed.faults)
    assert all(fault.known for fault in made.faults)


def test_asked_again_with_the_draft_all_is_known(entries: tuple[Deviation, ...]) -> None:
    again = asked(TwoFaults(), "mish", entries=entries)
    assert {record.outcome for record in again} == {"pass", "known_deviation"}


def test_a_draft_excuses_nothing_else(failed: Results, entries: tuple[Deviation, ...]) -> None:
    at = next(i for i, check in enumerate(failed.checks) if "accuracy-mish" in check.id and check.faults)
    check = failed.checks[at]
    for change in (
        {"size": 1e300},
        {"what": "wrong_nan"},
        {"ranges": (replace(check.faults[-1].ranges[0], high=5.0),)},
    ):
        worse = replace(check, faults=(replace(check.faults[-1], **change),))
        made = applied(KnownDeviations(entries), replace(failed, checks=(worse,)), SPECS)
        assert outcomes(made) == {"fail"}, change
        assert made.checks[0].message == worse.faults[0].message


def test_a_fresh_draft_has_no_remarks(failed: Results, entries: tuple[Deviation, ...]) -> None:
    told = looked_at(KnownDeviations(entries), failed)
    assert told.lines == ()
    assert (
        told.closing == f"{len(entries)} of {len(entries)} entries are about this version: all as it is seen"
    )


def test_what_is_idle_or_too_wide_is_told(failed: Results) -> None:
    def remarks(entry: Deviation) -> list[str]:
        return [line.partition(": ")[2] for line in looked_at(KnownDeviations((entry,)), failed).lines]

    seen = Excuse("lost_to_zero", None, ((-800.0, -20.0),))
    entry = Deviation(("mish",), ("accuracy",), (seen,), "seen", "why", quantity=("forward",), place="x:1")
    assert remarks(entry) == []
    assert remarks(replace(entry, activation=("nothing",)))[0].startswith("matches no check of these results")
    (idle,) = remarks(replace(entry, excuses=(seen, Excuse("wrong_nan", None, ((0.0, 0.0),)))))
    assert idle == "wrong_nan is not seen; remove it"
    (wide,) = remarks(replace(entry, excuses=(replace(seen, inputs=((-800.0, -20.0), (1.0, 2.0))),)))
    assert wide == "lost_to_zero is too wide: nothing is seen for x in [1, 2]"
    (bound,) = remarks(replace(entry, excuses=(Excuse("max_scaled_ulp", 1e30), seen)))
    assert bound.startswith("max_scaled_ulp up to 1e+30 is too wide: no more than ")
    (names,) = remarks(replace(entry, quantity=("forward", "gradient")))
    assert names == "quantity: nothing is seen for gradient; take it out"


def test_entries_about_other_versions_rest(failed: Results) -> None:
    other = Deviation(
        ("mish",), ("accuracy",), (Excuse("wrong_nan"),), "seen", "why", until="2.0", place="x:1"
    )
    told = looked_at(KnownDeviations((other,), "2.4.6"), failed)
    assert told.lines == ()
    assert told.closing.startswith("0 of 1 entries")


def test_the_commands(failed: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept, drafted, made = (str(tmp_path / name) for name in ("kept.json", "list.yaml", "made.json"))
    documents.write(Path(kept), failed)
    assert main(["faults", kept]) == 1
    assert "Wrong for ordinary inputs" in capsys.readouterr().out
    assert main(["deviations", "draft", kept, "-o", drafted]) == 0
    assert "each with why: unknown" in capsys.readouterr().out
    assert main(["deviations", "check", drafted, "--results", kept]) == 0
    assert main(["deviations", "apply", drafted, kept, "-o", made]) == 0
    assert "0 fail" not in capsys.readouterr().out
    documents.validator().validate(json.loads(Path(made).read_text("utf-8")))
    assert main(["faults", made]) == 0
    assert main(["faults", made, "--known"]) == 0
    assert "(unknown)" in capsys.readouterr().out
    Path(drafted).write_text(
        yaml.safe_dump([{**yaml.safe_load(Path(drafted).read_text("utf-8"))[0], "check": "kinks"}]), "utf-8"
    )
    assert main(["deviations", "check", drafted, "--results", kept]) == 1
    assert main(["deviations", "apply", drafted, kept]) == 1


def test_what_cannot_be_excused_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "kept.json"
    documents.write(kept, results(asked(NumpyAdapter(), "relu")))
    assert main(["deviations", "draft", str(kept), "-o", str(tmp_path / "list.yaml")]) == 0
    assert "nothing fails" in capsys.readouterr().out
    assert not (tmp_path / "list.yaml").exists()
    assert main(["deviations", "draft", str(tmp_path / "none.json"), "-o", "x.yaml"]) == 2
    assert main(["deviations", "check", str(kept), "--results", str(kept)]) == 2
