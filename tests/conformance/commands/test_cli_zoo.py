"""`actcheck zoo`: what is caught, what is missed, and what cannot be asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.cli import main
from actcheck.conformance.commands import zoo
from tests.zoo import telling
from tests.zoo.collection import find

NAME = "softsign: one float above 1 for large numbers"


def test_a_caught_fault_is_told_with_the_check_that_caught_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zoo", "--name", NAME]) == 0
    line, *rest = capsys.readouterr().out.splitlines()
    assert line.startswith("caught ")
    assert f"{NAME}: properties: properties-softsign-" in line
    assert rest[-1].startswith("caught 1 of 1 at quick, in ")


def test_a_missed_fault_stands_out_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missed = replace(find(NAME), make=NumpyAdapter)
    monkeypatch.setattr(telling, "ZOO", [missed])
    monkeypatch.setattr("tests.zoo.running.find", lambda _: missed)
    assert main(["zoo"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("MISSED ")
    assert f"{NAME}: no reason is known (" in told
    assert "caught 0 of 1 at quick" in told
    assert "missed: 1 of kind property" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--kind", "junk"], "--kind junk: the kinds are rank, layout, "),
        (["--name", "nope"], "no faulty backend is of this name: nope"),
        (["-n", "0"], "-n 0: give 1 to 64 workers"),
    ],
)
def test_what_cannot_be_asked(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zoo", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_wheel_has_no_faulty_backends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(zoo, "_ROOT", tmp_path)
    assert main(["zoo"]) == 2
    assert "which a wheel leaves out: use a checkout" in capsys.readouterr().err
