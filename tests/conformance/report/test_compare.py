"""Two results are compared: exactly the planted differences, in 80 columns, with the exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from actcheck.conformance import cli
from actcheck.conformance.report.compare import CATEGORIES, ResultsComparison, compare
from actcheck.conformance.results.reading import read
from tests.support.report.report_results import document, entry, large, write

OUTCOMES = ("pass", "fail", "known_deviation", "stale_deviation", "unsupported", "error")
#: Category by the outcome before (row) and after (column); a blank is no change.
TABLE = {
    "pass": ". newly_failing newly_known . newly_unsupported not_comparable",
    "fail": "fixed . newly_known fixed newly_unsupported not_comparable",
    "known_deviation": "fixed newly_failing . fixed newly_unsupported not_comparable",
    "stale_deviation": ". newly_failing newly_known . newly_unsupported not_comparable",
    "unsupported": "newly_supported newly_failing newly_known newly_supported . not_comparable",
    "error": "not_comparable not_comparable not_comparable not_comparable not_comparable .",
}


def compared(folder: Path, old: dict[str, Any], new: dict[str, Any]) -> ResultsComparison:
    return compare(read(write(folder, old, "old.json")), read(write(folder, new, "new.json")))


def changes(comparison: ResultsComparison) -> dict[str, list[str]]:
    return {name: [c.entry.activation for c in group] for name, group in comparison.groups.items()}


def run(folder: Path, old: dict[str, Any], new: dict[str, Any], *options: str) -> int:
    paths = (write(folder, old, "old.json"), write(folder, new, "new.json"))
    return cli.main(["compare", *map(str, paths), *options])


@pytest.mark.parametrize("before", OUTCOMES)
@pytest.mark.parametrize("after", OUTCOMES)
def test_the_category_of_every_pair_of_outcomes(tmp_path: Path, before: str, after: str) -> None:
    old, new = (document(entry(check="kinks", outcome=o), entry("relu")) for o in (before, after))
    expected = TABLE[before].split()[OUTCOMES.index(after)]
    assert changes(compared(tmp_path, old, new)) == ({} if expected == "." else {expected: ["gelu"]})


def test_planted_differences_are_found_and_nothing_else(tmp_path: Path) -> None:
    old = document(
        entry("elu"),
        entry("relu", outcome="fail"),
        entry("gelu"),
        entry("silu"),
        entry("mish", max_ulp=[2.0, 2.1]),
        entry("tanh", outcome="error"),
        entry("selu"),
        entry("celu"),
    )
    new = document(
        entry("elu", outcome="fail"),
        entry("relu"),
        entry("gelu", outcome="known_deviation"),
        entry("silu", max_ulp=[1.5, 1.6], grade="tight"),
        entry("mish", max_ulp=[1.0, 1.1]),
        entry("tanh", outcome="fail"),
        entry("celu"),
        entry("relu6"),
    )
    found = compared(tmp_path, old, new)
    assert changes(found) == {
        "newly_failing": ["elu"],
        "fixed": ["relu"],
        "newly_known": ["gelu"],
        "accuracy_worse": ["silu"],
        "accuracy_better": ["mish"],
        "appeared": ["relu6"],
        "vanished": ["selu"],
        "not_comparable": ["tanh"],
    }
    assert found.unchanged == 1
    assert found.caveats == ()


@pytest.mark.parametrize(
    ("before", "after", "category", "what"),
    [
        ({}, {"grade": "tight"}, "accuracy_worse", "grade faithful -> tight"),
        ({}, {"max_ulp": [0.7505, 0.76]}, None, ""),
        ({}, {"max_ulp": [0.752, 0.752]}, "accuracy_worse", "maximum 0.751"),
        ({}, {"max_ulp": [0.771, 0.772]}, "accuracy_worse", "maximum 0.76 -> 0.78 ULP"),
        ({}, {"max_ulp": [3, 3]}, "accuracy_worse", "maximum 0.76 -> 3.00 ULP"),
        ({}, {"not_correctly_rounded": 119}, "accuracy_better", "not correctly rounded 120 -> 119"),
        ({}, {"not_faithful": 1}, "accuracy_worse", "not faithful 0 -> 1"),
        ({}, {"max_ulp": [3, 3], "exhaustive": False}, "accuracy_worse", "maximum"),
        ({}, {"classes": {"lost_to_zero": {"count": 9}}}, "accuracy_worse", "lost_to_zero 0 -> 9"),
        ({"classes": {"wrong_nan": {"count": 9}}}, {}, "accuracy_better", "wrong_nan 9 -> 0"),
        ({"max_scaled_ulp": [2, 2]}, {"max_scaled_ulp": [1, 1]}, "accuracy_better", "scaled maximum 2.00"),
        (
            {"outcome": "fail", "max_ulp": [9, 9]},
            {"outcome": "fail", "max_ulp": ["inf", "inf"]},
            "accuracy_worse",
            "∞",
        ),
    ],
)
def test_accuracy_is_compared_while_the_outcome_stays(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any], category: str | None, what: str
) -> None:
    found = compared(tmp_path, document(entry(**before)), document(entry(**after)))
    assert list(found.groups) == ([category] if category else [])
    assert what in "".join(c.what for c in found.changes)


def test_maxima_over_other_points_are_not_compared(tmp_path: Path) -> None:
    sampled = {"exhaustive": False, "points": 1000}
    old = document(entry(**sampled), seed=1)
    new = document(entry(**sampled, max_ulp=[3, 3]), seed=2)
    found = compared(tmp_path, old, new)
    assert found.changes == ()
    assert "The seeds differ: 1, then 2." in found.caveats
    assert "Maxima are compared only where both saw every input." in found.caveats
    graded = document(entry(**sampled, max_ulp=[3, 3], grade="tight"), seed=2)
    assert list(compared(tmp_path, old, graded).groups) == ["accuracy_worse"]


def test_a_document_does_not_differ_from_itself(tmp_path: Path) -> None:
    found = compared(tmp_path, large(), large())
    assert found.changes == ()
    assert found.unchanged == len(large()["checks"])


def test_every_check_is_told_once(tmp_path: Path) -> None:
    found = compared(tmp_path, large(), large(shift=1))
    keys = [c.entry.key for c in found.changes]
    assert len(keys) == len(set(keys))
    assert sum(len(group) for group in found.groups.values()) == len(found.changes)
    assert found.unchanged + len(keys) == len(large()["checks"])


def test_an_error_of_the_harness_is_never_a_change_of_the_backend(tmp_path: Path) -> None:
    def errors(comparison: ResultsComparison) -> set[str]:
        sides = [(c.category, {s.outcome for s in (c.old, c.new) if s}) for c in comparison.changes]
        return {category for category, outcomes in sides if "error" in outcomes}

    assert errors(compared(tmp_path, large(), large(shift=2))) == {"not_comparable"}
    only = compared(tmp_path, document(entry()), document(entry(), entry("elu", outcome="error")))
    assert changes(only) == {"not_comparable": ["elu"]}


def test_the_output_fits_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    variant = {"negative_slope": 1.0e-30, "another_long_parameter": "x" * 90}
    old = document(entry(variant=variant), *large()["checks"])
    new = document(
        entry(variant=variant, outcome="fail", message="wrong " * 60 + "y" * 200), *large(shift=3)["checks"]
    )
    assert run(tmp_path, old, new) == 1
    printed = capsys.readouterr().out.splitlines()
    assert max(map(len, printed)) <= 80
    assert printed[0].startswith("old: old.json numpy 2.3.0 quick standard, ")
    headings = [line for line in printed if line.endswith(")") and not line.startswith(" ")]
    assert headings[0].startswith("Newly failing (")


def test_the_output_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fields = {"grade": "loose", "max_ulp": [31, 31], "exhaustive": False}
    new = document(entry(outcome="fail", message="gelu(0x1p+0) = 0x0p+0", **fields))
    assert run(tmp_path, document(entry()), new) == 1
    assert capsys.readouterr().out.splitlines()[2:] == [
        "",
        "Newly failing (1)",
        "  accuracy-gelu-default-float32-forward",
        "    pass (faithful, 0.75 to 0.76 ULP proven) -> fail (loose, 31.0 ULP seen)",
        "    gelu(0x1p+0) = 0x0p+0",
        "    actcheck run --backend numpy --activation gelu --dtype float32",
        "",
        "1 newly failing, 0 checks unchanged",
    ]


def test_json_holds_every_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = document(entry(outcome="fail", max_ulp=["inf", "inf"]), entry("relu"))
    assert run(tmp_path, document(entry(), entry("elu")), new, "--json") == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed["schema"] == "actcheck-comparison/1"
    assert list(printed["changes"]) == list(CATEGORIES)
    (change,) = printed["changes"]["newly_failing"]
    assert change["id"] == "accuracy-gelu-default-float32-forward"
    assert change["old"]["max_ulp"] == [0.75, 0.751]
    assert change["new"] == {
        "outcome": "fail",
        "grade": "faithful",
        "max_ulp": ["inf", "inf"],
        "known": "proven",
        "rerun": "actcheck run --backend numpy --activation gelu --dtype float32",
    }
    assert [c["id"] for c in printed["changes"]["vanished"]] == ["accuracy-elu-default-float32-forward"]
    assert [c["id"] for c in printed["changes"]["appeared"]] == ["accuracy-relu-default-float32-forward"]


def test_the_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    passing, failing = document(entry()), document(entry(outcome="fail"))
    assert run(tmp_path, passing, failing) == 1
    assert run(tmp_path, failing, passing) == 0
    assert run(tmp_path, failing, failing) == 0
    assert run(tmp_path, passing, document()) == 0
    assert run(tmp_path, passing, {"schema": "actcheck-results/9"}) == 2
    assert "new.json: was written by a newer actcheck" in capsys.readouterr().err
