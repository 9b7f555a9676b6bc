"""One backend over its versions: grades that turn, faults that come and go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actcheck.conformance.cli import main
from actcheck.conformance.report.history import History
from tests.support.report.report_results import document, entry, large, results, write


def versions(*made: dict[str, Any]) -> list[dict[str, Any]]:
    return [one | {"backend": one["backend"] | {"version": f"2.{n}"}} for n, one in enumerate(made)]


def history(*made: dict[str, Any]) -> History:
    documents = [results(*one["checks"]) for one in made]
    told = [replace(d, backend=replace(d.backend, version=f"2.{n}")) for n, d in enumerate(documents)]
    return History(told, ["gelu"])


def test_a_row_tells_each_version_and_where_the_grade_turned() -> None:
    made = history(
        document(entry(grade="faithful"), entry("mish")),
        document(entry(grade="loose", outcome="fail", max_ulp=[9e6, 9e6])),
        document(entry(grade="exact", max_ulp=[0.5, 0.5])),
    )
    assert made.labels == ["2.0", "2.1", "2.2"]
    gelu, mish = made.rows
    assert (gelu.activation, gelu.quantity) == ("gelu", "forward")
    assert [mark.glyph for mark in gelu.marks if mark] == ["faithful", "fail", "exact"]
    assert gelu.turns == ("worse", "better")
    assert mish.marks[1:] == (None, None)
    assert mish.turns == ("", "")


def test_two_runs_of_one_version_are_told_apart_by_their_files(tmp_path: Path) -> None:
    paths = [str(write(tmp_path, document(entry()), name)) for name in ("first.json", "second.json")]
    assert main(["history", *paths, "-o", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "2.3.0 (first.json)" in page
    assert "2.3.0 (second.json)" in page


def test_the_page_tells_what_broke(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clean = large("torch-cpu")
    for check in clean["checks"]:
        check.pop("faults", None)
        check["outcome"] = "pass"
    clean["faults"] = []
    hostile = large("torch-cpu")
    hostile["faults"][0]["sentence"] = "<script>alert(1)</script>"
    paths = [str(write(tmp_path, one, f"{n}.json")) for n, one in enumerate(versions(clean, hostile, clean))]
    assert main(["history", *paths, "-o", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "New faults" in page
    assert "Faults that are gone" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    printed = capsys.readouterr().out
    assert f"2.0 -> 2.1: {len(hostile['faults'])} new faults, 0 gone" in printed


def test_bad_input_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", str(tmp_path / "none.json")]) == 2
    good = str(write(tmp_path, document(entry())))
    assert main(["history", good, "-o", str(tmp_path / "no" / "page.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err
