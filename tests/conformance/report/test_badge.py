"""A badge says how many activations conform, and under which profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from actcheck.conformance import cli
from actcheck.conformance.report.badge import Badge, as_json, as_svg, badge
from actcheck.conformance.results.reading import read
from tests.support.report.report_results import document, entry, write


def made(folder: Path, *checks: dict[str, Any], profile: str | None = None) -> Badge:
    return badge(read(write(folder, document(*checks))), profile)


@pytest.mark.parametrize(
    ("outcome", "conforms"),
    [
        ("pass", True),
        ("stale_deviation", True),
        ("known_deviation", False),
        ("fail", False),
        ("error", False),
        ("unsupported", True),
    ],
)
def test_an_activation_conforms_only_if_nothing_speaks_against_it(
    tmp_path: Path, outcome: str, conforms: bool
) -> None:
    found = made(tmp_path, entry(), entry(check="kinks", outcome=outcome), entry("relu"))
    assert found.message == f"{1 + conforms}/2 standard"


def test_an_activation_that_is_only_unsupported_does_not_conform(tmp_path: Path) -> None:
    assert made(tmp_path, entry(outcome="unsupported"), entry("relu")).message == "1/2 standard"


def test_the_strict_profile_counts_what_standard_lets_pass(tmp_path: Path) -> None:
    checks = (entry("elu", grade="scaled"), entry("gelu", grade="budget"))
    assert made(tmp_path, *checks).message == "2/2 standard"
    assert made(tmp_path, *checks, profile="strict").message == "1/2 strict"


def test_strict_results_make_no_standard_badge(tmp_path: Path) -> None:
    results = read(write(tmp_path, document(entry(), profile="strict")))
    assert badge(results).message == "1/1 strict"
    with pytest.raises(ValueError, match="strict run cannot tell"):
        badge(results, "standard")


@pytest.mark.parametrize(
    ("conforming", "color"), [(26, "brightgreen"), (25, "yellow"), (15, "orange"), (3, "red"), (0, "red")]
)
def test_the_json_is_what_badge_services_read(conforming: int, color: str) -> None:
    assert as_json(Badge(conforming, 26, "strict")) == {
        "schemaVersion": 1,
        "label": "actcheck",
        "message": f"{conforming}/26 strict",
        "color": color,
    }


def test_the_svg_says_the_same_and_stands_alone() -> None:
    text = as_svg(Badge(24, 26, "strict"))
    root = ElementTree.fromstring(text)
    shown = [node.text for node in root.iter() if node.tag.endswith("text")]
    assert shown == ["actcheck", "24/26 strict"]
    assert root.attrib["aria-label"] == "actcheck: 24/26 strict"
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert len(text) < 1500


def run(*arguments: object) -> int:
    return cli.main(["badge", *map(str, arguments)])


def test_the_command_writes_both_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = write(tmp_path, document(entry(), entry("relu", outcome="fail")))
    assert run(results, "-o", tmp_path / "b.svg", "-o", tmp_path / "b.json", "--profile", "strict") == 0
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))["message"] == "1/2 strict"
    assert "1/2 strict" in (tmp_path / "b.svg").read_text(encoding="utf-8")
    assert capsys.readouterr().out == ""
    assert run(results) == 0
    assert json.loads(capsys.readouterr().out)["message"] == "1/2 standard"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.json"], "nothing.json: cannot be read"),
        (["results.json", "-o", "badge.png"], "badge.png: a badge is written as .svg or .json"),
        (["results.json", "-o", "nowhere/badge.svg"], "badge.svg: cannot be written: No such file"),
        (["results.json", "--profile", "standard"], "strict run cannot tell"),
    ],
)
def test_bad_input_is_one_clear_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, document(entry(), profile="strict"))
    assert run(*arguments) == 2
    assert message in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]
