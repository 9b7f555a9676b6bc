"""Results that are hostile, damaged, or have nowhere to go."""

from __future__ import annotations

import copy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from actcheck.conformance import cli
from actcheck.conformance.results.fault_records import DistinctFault, FaultRecord
from tests.support.report.report_pages import Parsed, made
from tests.support.report.report_results import document, entry, large, write

HOSTILE = '</script><script>window.pwned=1</script><img src=x onerror="pwned=1">\'"{{7*7}}&lt;\u202e'


def hostile(value: Any, spared: tuple[str, ...] = ()) -> Any:
    """The same document with a script in every string that may be anything."""
    if isinstance(value, dict):
        return {
            (k if k in FIELDS else HOSTILE + k): (v if k in spared else hostile(v, spared))
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [hostile(v, spared) for v in value]
    return f"{HOSTILE}{value}" if isinstance(value, str) else value


SPARED = (
    "schema",
    "outcome",
    "grade",
    "profile",
    "max_ulp",
    "max_scaled_ulp",
    "worst",
    "first",
    "ranges",
    "segments",
    "example",
    "size",
    "gravity",
)
FIELDS = {
    *document(),
    *entry(),
    "name",
    "framework",
    "version",
    "device",
    "count",
    "first",
    "ranges",
    "message",
}
FIELDS |= {"histogram", "segments", "seconds", "notes", "defaults", "convention"}
FIELDS |= {field.name for kind in (FaultRecord, DistinctFault) for field in fields(kind)}


@pytest.mark.parametrize("keep", [(), ("format", "activation", "check", "quantity")])
def test_a_script_in_every_string_stays_text(tmp_path: Path, keep: tuple[str, ...]) -> None:
    made_up = large()
    made_up["checks"] = made_up["checks"][:60]
    attack = hostile(copy.deepcopy(made_up), (*SPARED, *keep))
    page = made(tmp_path, attack, attack)
    parsed = Parsed(page)
    assert [tag for tag, _ in parsed.tags].count("script") == 1
    assert "img" not in {tag for tag, _ in parsed.tags}
    assert not [a for _, attributes in parsed.tags for a in attributes if a.startswith("on")]
    assert "49&lt;" not in page
    assert "\u202e" not in page
    assert "window.pwned=1" in "".join(parsed.text)
    assert len(parsed.ids) == len(set(parsed.ids))
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not whole JSON"),
        ('{"schema": "actcheck-results/3"}', "newer actcheck"),
        ("{}", "schema: is missing"),
    ],
)
def test_bad_results_write_no_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, message: str
) -> None:
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")
    assert cli.main(["report", str(tmp_path / "bad.json"), "-o", str(tmp_path / "r.html")]) == 2
    assert message in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["bad.json"]


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = write(tmp_path, document(entry()))
    assert cli.main(["report", str(results), "-o", str(tmp_path / "nowhere" / "r.html")]) == 2
    assert "r.html: cannot be written: No such file or directory" in capsys.readouterr().err
