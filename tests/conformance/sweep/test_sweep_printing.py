"""What a sweep prints, and that it is written first, whatever the figures are."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.backends.fingerprint import identity
from actcheck.conformance.cli import main
from actcheck.conformance.commands import sweep
from actcheck.conformance.model import Finding
from actcheck.conformance.results.documents import SCHEMA
from actcheck.conformance.sweep.findings import finding
from actcheck.conformance.sweep.job import Job
from actcheck.conformance.sweep.ledger import SweepLedger
from actcheck.conformance.sweep.partial_result import PartialResult
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.verdict import Occurrences, Verdict, Worst

FORM = FORMATS["float32"]
QUESTION = Job("numpy", "relu").question()


def of(worst: Worst | None, **fields: Any) -> PartialResult:
    key = FORM.key(-1.0)
    given = Verdict(points=10, worst=worst, worst_scaled=worst, **fields)
    return PartialResult(given, {0: (math.inf, key)} if worst else {}, seconds=1.0)


INFINITE = of(Worst(-1.0, -math.inf, -(2.0**130), (math.inf, math.inf)), not_correctly_rounded=1)
NINE_SEVENTHS = of(Worst(-1.0, 0.0, 1.0, (9 / 7, 9 / 7)), not_correctly_rounded=1, not_faithful=1)
#: One infinity where there is a value, everything else exact.
APART = of(
    None,
    not_correctly_rounded=1,
    not_faithful=1,
    classes={"wrong_infinity": Occurrences(1, FORM.key(2.0), ((FORM.key(2.0),) * 2,))},
)
EXACT = of(None)


def swept(part: PartialResult, patch: pytest.MonkeyPatch, *more: str) -> int:
    """The command, with a sweep that found this."""
    found = finding(QUESTION, "standard", part, NumpyAdapter(), 1.0)
    patch.setattr(sweep, "_answer", lambda *_: found)
    return main(["sweep", "relu", "--backend", "numpy", *more])


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (
            INFINITE,
            "largest error: between inf and inf ULP at x = -0x1p+0 (-1) (proven: every input was judged)",
        ),
        (NINE_SEVENTHS, "largest error: between 1.28571428 and 1.28571429 ULP at x = -0x1p+0 (-1)"),
        (APART, "relu (default), float32 forward: fail, tight where results are finite"),
        (EXACT, "relu (default), float32 forward: pass, exact 10 inputs"),
    ],
)
def test_any_figure_is_written_and_printed(
    part: PartialResult,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out.json"
    swept(part, monkeypatch, "--json", str(out))
    schema = json.loads(SCHEMA.read_text("utf-8"))
    made = json.loads(out.read_text("utf-8"))
    Draft202012Validator({**schema["$defs"]["check"], "$defs": schema["$defs"]}).validate(made)
    assert told in " ".join(capsys.readouterr().out.split())


def test_no_grade_of_exactness_is_printed_beside_infinities(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in (INFINITE, APART):
        swept(part, monkeypatch)
        title = capsys.readouterr().out.splitlines()[0]
        assert ": fail, " in title
        assert not title.endswith(("exact", "faithful")), title


def test_what_was_judged_outlives_a_failure_to_print_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTCHECK_CACHE", str(tmp_path))
    out = tmp_path / "out.json"
    ledger = SweepLedger.of_sweep(QUESTION, identity(NumpyAdapter()))
    ledger.note(0, EXACT)

    def broken(*_: Any) -> None:
        raise ValueError("Unknown format code")

    with monkeypatch.context() as patch:
        patch.setattr(sweep, "_print", broken)
        with pytest.raises(ValueError, match="Unknown format code"):
            swept(INFINITE, patch, "--json", str(out))
    assert json.loads(out.read_text("utf-8"))["max_ulp"] == ["inf", "inf"]
    assert ledger.path.exists()
    swept(EXACT, monkeypatch)
    assert not ledger.path.exists()


def test_a_sample_is_said_to_be_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = NINE_SEVENTHS.verdict
    found = Finding((), "tight", verdict, verdict.points, exhaustive=False)
    monkeypatch.setattr(sweep, "_answer", lambda *_: found)
    main(["sweep", "relu", "--backend", "numpy", "--dtype", "float64"])
    assert "(seen: inputs were sampled)" in " ".join(capsys.readouterr().out.split())
