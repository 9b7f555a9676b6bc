"""A specification that has passed its trial is not tried again; every other one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from actcheck.reference.specification import loading
from actcheck.reference.specification.loading import SpecError, passed, trial
from tests.support.folders import DATA

TEXT = (DATA / "spec_bent.yaml").read_text("utf-8")


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> list[str]:
    """The specifications that are tried from here on."""
    made: list[str] = []
    real = trial.trial_problems

    def noting(document: loading.Document, spec: loading.Spec) -> object:
        made.append(spec.id)
        return real(document, spec)

    monkeypatch.setattr(trial, "trial_problems", noting)
    return made


def test_the_same_text_is_tried_once(tried: list[str]) -> None:
    assert loading.find(TEXT) == loading.find(TEXT)
    assert len(tried) == 1


def test_another_text_is_tried(tried: list[str]) -> None:
    loading.find(TEXT)
    loading.find(TEXT + "# more\n")
    assert len(tried) == 2


def test_other_code_tries_again(tried: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    loading.find(TEXT)
    monkeypatch.setattr(passed, "_code", lambda: "changed")
    loading.find(TEXT)
    assert len(tried) == 2


def test_what_fails_is_never_kept(tried: list[str]) -> None:
    broken = TEXT.replace("+ b))/2", "+ b))/(b - 4)")
    assert broken != TEXT
    for times in (1, 2):
        with pytest.raises(SpecError):
            loading.find(broken)
        assert len(tried) == times


@pytest.mark.parametrize("content", [b"", b"junk", b'{"key": 1}\n\xc3'])
def test_a_damaged_file_is_no_proof(tried: list[str], own_cache: Path, content: bytes) -> None:
    loading.find(TEXT)
    (path,) = (own_cache / "specifications").iterdir()
    path.write_bytes(content)
    loading.find(TEXT)
    assert len(tried) == 2


def test_where_nothing_can_be_kept_it_is_tried_each_time(
    tried: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ACTCHECK_CACHE", str(tmp_path / "file"))
    loading.find(TEXT)
    loading.find(TEXT)
    assert len(tried) == 2
