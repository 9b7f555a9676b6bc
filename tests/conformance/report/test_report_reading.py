"""Results are read defensively: a clear error with its place, or clean records."""

from __future__ import annotations

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from actcheck.conformance.results.reading import ResultsError, read, read_all
from tests.support.report.report_results import document, entry, write


def test_every_field_is_read(tmp_path: Path) -> None:
    made = entry(
        classes={"wrong_nan": {"count": 3, "first": "0x1p+4", "ranges": [["0x1p+4", "inf"]]}},
        histogram=list(range(15)),
        segments=[["-inf", "0x0p+0", 1.5]],
        seconds=2.5,
        notes={"convention": {"0": 0.5}},
    )
    results = read(write(tmp_path, document(made, backend="torch-cpu")))
    (check,) = results.checks
    assert (results.backend.name, results.backend.details) == ("torch-cpu", {"threads": "2"})
    assert (results.level, results.profile, results.source) == ("quick", "standard", "results.json")
    assert check.max_ulp == (0.75, 0.751)
    assert check.worst is not None
    assert check.worst.x == 0.3
    assert check.wrong["wrong_nan"].ranges[0].high == float("inf")
    assert [s.ulp for s in check.segments or ()] == [1.5]
    assert check.histogram == tuple(range(15))
    assert check.notes == {"convention": {"0": 0.5}}


def test_the_summary_is_counted_from_the_checks(tmp_path: Path) -> None:
    made = document(entry(), entry("relu", outcome="fail"), summary={"pass": 99})
    summary = read(write(tmp_path, made)).summary
    assert (summary["pass"], summary["fail"], summary["error"]) == (1, 1, 0)


@pytest.mark.parametrize("missing", ["id", "activation", "variant", "format", "quantity", "check", "outcome"])
def test_a_missing_field_is_named_with_its_place(tmp_path: Path, missing: str) -> None:
    made = document(entry(), entry("relu"))
    del made["checks"][1][missing]
    with pytest.raises(ResultsError, match=rf"results\.json: checks\[1\]\.{missing}: is missing"):
        read(write(tmp_path, made))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"schema": "actcheck-results/3"}, "newer actcheck .* upgrade actcheck"),
        ({"schema": None}, "schema: is missing"),
        ({"schema": "junit"}, '"junit" is not actcheck-results/2'),
        ({"backend": None}, "backend: is missing|backend: must be an object"),
        ({"backend": {"version": "1"}}, r"backend\.name: is missing"),
        ({"profile": "lenient"}, 'profile: "lenient" is not one of strict, standard'),
        ({"checks": None}, "checks: must be a list, not null"),
        ({"checks": [3]}, r"checks\[0\]: must be an object, not 3"),
    ],
)
def test_a_bad_document_is_refused(tmp_path: Path, change: dict[str, Any], expected: str) -> None:
    with pytest.raises(ResultsError, match=expected):
        read(write(tmp_path, document(entry()) | change))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"outcome": "passed"}, '"passed" is not one of pass, fail'),
        ({"grade": "good"}, '"good" is not one of exact'),
        ({"points": -1}, "points: must not be negative"),
        ({"points": 1.5}, "points: must be a whole number"),
        ({"max_ulp": [1]}, "max_ulp: must have 2 items, has 1"),
        ({"max_ulp": [2, 1]}, "the lower end 2.0 is above the upper end 1.0"),
        ({"max_ulp": ["nan", 1]}, "max_ulp: must not be NaN"),
        ({"worst": {"x": "zero", "got": 1, "expected": 1}}, r'worst\.x: must be a number .* not "zero"'),
        ({"worst": {"x": "0x0p+0"}}, r"worst\.got: is missing\n.*worst\.expected: is missing"),
        ({"classes": {"wrong_nan": {}}}, r"classes\['wrong_nan'\]\.count: is missing"),
        ({"histogram": [1, -2]}, r"histogram\[1\]: must not be negative"),
        ({"segments": [["0x0p+0", 1]]}, r"segments\[0\]: must have 3 items"),
        ({"message": 7}, "message: must be text, not 7"),
        ({"variant": "default"}, "variant: must be an object"),
        ({"exhaustive": "yes"}, "exhaustive: must be true or false"),
    ],
)
def test_a_bad_check_is_refused(tmp_path: Path, change: dict[str, Any], expected: str) -> None:
    made = document(entry() | change)
    with pytest.raises(ResultsError, match=expected) as caught:
        read(write(tmp_path, made))
    assert "results.json: checks[0]." in str(caught.value)


def test_all_faults_are_told_at_once_but_not_without_end(tmp_path: Path) -> None:
    made = document(*(entry(f"a{i}") | {"outcome": "?"} for i in range(20)))
    with pytest.raises(ResultsError) as caught:
        read(write(tmp_path, made))
    lines = str(caught.value).splitlines()
    assert len(lines) == 9
    assert lines[-1].endswith("and 12 more faults")


def test_the_same_check_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r'checks\[1\]: "accuracy-gelu.* occurs twice'):
        read(write(tmp_path, document(entry(), entry())))


def test_truncated_json_is_told_with_its_place(tmp_path: Path) -> None:
    whole = json.dumps(document(entry(), entry("relu")))
    path = tmp_path / "cut.json"
    for length in range(0, len(whole) - 1, 97):
        path.write_text(whole[:length], encoding="utf-8")
        with pytest.raises(ResultsError, match=r"cut\.json: is not whole JSON \(line \d+, column \d+"):
            read(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[]", b"[" * 100_000, b"7", b""])
def test_other_bytes_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(ResultsError, match=r"other\.json: .*actcheck run"):
        read(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"nothing\.json: cannot be read: No such file"):
        read(tmp_path / "nothing.json")
    with pytest.raises(ResultsError, match="cannot be read: Is a directory"):
        read(tmp_path)


def test_the_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    first = write(tmp_path, document(entry()) | {"schema": "x"}, "a.json")
    second = write(tmp_path, document(entry()) | {"checks": 1}, "b.json")
    with pytest.raises(ResultsError) as caught:
        read_all([first, second])
    assert "a.json: schema" in str(caught.value)
    assert "b.json: checks" in str(caught.value)


def test_text_loses_controls_surrogates_and_reordering_marks(tmp_path: Path) -> None:
    made = entry(message="a\x1b[31mb\u202ec\ud800d\te", rerun="x" * 10_000)
    (check,) = read(write(tmp_path, document(made))).checks
    assert check.message == "a\ufffd[31mb\ufffdc\ufffdd\te"
    assert len(check.rerun) < 2100


def test_no_value_of_any_type_in_any_place_escapes_as_another_exception(tmp_path: Path) -> None:
    made = document(entry(histogram=[0] * 15, segments=[[0, 1, 2]], notes={"a": 1}))
    for wrong in (None, True, -1, 10**400, 1e999, "x", [], {}, [[]], [None], {"x": None}):
        for place in (*made, *(("checks", name) for name in made["checks"][0])):
            changed = copy.deepcopy(made)
            if isinstance(place, tuple):
                changed["checks"][0][place[1]] = wrong
            else:
                changed[place] = wrong
            path = write(tmp_path, changed)
            with contextlib.suppress(ResultsError):
                assert read(path).checks is not None
