"""Comparisons in distinct faults: what is new, and what is gone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.cli import main
from actcheck.conformance.faults.changes import fault_changes
from actcheck.conformance.faults.distinct import distinct
from actcheck.conformance.results import documents
from actcheck.conformance.results.model import Results
from actcheck.reference.specification.loading import load_all
from tests.support.distinct_faults import asked, results
from tests.support.faults.planted_constants import TwoFaults

pytestmark = pytest.mark.xdist_group("fault_changes")


@pytest.fixture(scope="module")
def pair() -> tuple[Results, Results]:
    made = [results(asked(adapter, "mish")) for adapter in (NumpyAdapter(), TwoFaults())]
    good, bad = (replace(one, faults=distinct(one.checks, load_all())) for one in made)
    return good, bad


def test_a_fault_is_new_and_gone_the_other_way_round(pair: tuple[Results, Results]) -> None:
    good, bad = pair
    there, back = fault_changes(good, bad), fault_changes(bad, good)
    assert there.new == back.gone == bad.faults
    assert there.gone == back.new == ()
    assert any(fault.sentence.startswith("mish: 0 where") for fault in there.new)
    same = fault_changes(bad, bad)
    assert same.new == same.gone == ()


def test_what_was_not_asked_before_is_not_new(pair: tuple[Results, Results]) -> None:
    good, bad = pair
    assert fault_changes(replace(good, checks=()), bad).new == ()


def test_version_1_told_no_faults(pair: tuple[Results, Results]) -> None:
    bad = pair[1]
    old = replace(bad, faults=(), checks=tuple(replace(check, faults=()) for check in bad.checks))
    assert fault_changes(old, bad).new == fault_changes(bad, old).gone == ()


def test_the_command_and_the_page(
    pair: tuple[Results, Results], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(tmp_path / name) for name in ("old.json", "new.json")]
    for path, one in zip(paths, pair, strict=True):
        documents.write(Path(path), one)
    assert main(["compare", *paths]) == 1
    printed = capsys.readouterr().out
    assert f"Distinct faults that are new ({len(pair[1].faults)})" in printed
    assert main(["compare", "--json", *paths]) == 1
    told = json.loads(capsys.readouterr().out)["faults"]
    assert told == {"new": [fault.sentence for fault in pair[1].faults], "gone": []}
    assert main(["report", *paths, "-o", str(tmp_path / "page.html")]) == 0
    assert "Distinct faults that are new" in (tmp_path / "page.html").read_text("utf-8")
