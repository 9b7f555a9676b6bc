"""Samples of float64: every binade, judged in parts, told as one; and sweeps over them that go on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from numpy.typing import NDArray

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.checks.accuracy import Accuracy
from actcheck.conformance.model import Context, Finding, Question
from actcheck.conformance.results.documents import SCHEMA
from actcheck.conformance.sampling import places
from actcheck.conformance.sampling.drawing import PART, inputs, parts
from actcheck.conformance.sampling.samples import Sample
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.points import Points
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from tests.support.faults.planted import Planted
from tests.support.folders import SWEPT

Array = NDArray[Any]
FORM = FORMATS["float64"]
TANH = loading.find("tanh")
QUESTION = Question("accuracy", TANH, TANH.default, "float64", "forward")
BACKEND = str(SWEPT / "sampled_backend.py") + ":Sampled"
COMMAND = [sys.executable, "-c", "import sys; from actcheck.conformance.cli import main; sys.exit(main())"]


def test_every_part_covers_every_binade_of_either_sign() -> None:
    count = 3 * PART - 100_000
    assert parts(count) == 3
    drawn = [inputs(FORM, [], 0, count, number) for number in range(3)]
    for x in drawn:
        normal = x[np.isfinite(x) & (np.abs(x) >= FORM.smallest_normal)]
        for side in (normal[normal > 0], normal[normal < 0]):
            assert len(np.unique(np.frexp(side)[1])) == 2046
    assert len(drawn[2]) < len(drawn[1])
    # Ends of binades and special values belong to the first part alone; by chance few are drawn twice, but
    # for subnormal numbers, of which small binades have no others.
    twice = np.intersect1d(drawn[0], drawn[1])
    assert len(twice[np.abs(twice) >= FORM.smallest_normal]) < 10
    assert np.isnan(drawn[0]).any()
    assert not np.isnan(drawn[1]).any()


def faulty(x: Array) -> Array:
    """tanh with a zero, errors of 30 units, a NaN and an infinity, each in a stretch of its own."""
    y = np.tanh(x)
    y = np.where((x > 2.0**-5) & (x < 2.0**-4), 0.0, y)
    y = np.where((x > 0.3) & (x < 1.3), y * (1 + 30 * 2.0**-52), y)
    y = np.where((x > -7) & (x < -6), np.nan, y)
    return np.where((x > -9) & (x < -8), -np.inf, y)


def test_parts_together_say_what_the_whole_says() -> None:
    x = places.scattered(FORM, (1, 2), 30_000)
    y = faulty(x)
    whole = Points.of(bind(TANH, TANH.default), "forward", FORM, x, y).verdict()
    order = np.random.default_rng(0).permutation(len(x))
    pieces = [np.sort(order[k::3]) for k in range(3)]
    joined = Sample.joined(QUESTION, [Sample.of(QUESTION, x[p], y[p]) for p in pieces])
    for name in ("points", "not_correctly_rounded", "not_faithful", "histogram", "max_ulp", "max_scaled_ulp"):
        assert getattr(joined.verdict, name) == getattr(whole, name)
    assert {n: c.count for n, c in joined.verdict.classes.items()} == {
        n: c.count for n, c in whole.classes.items()
    }
    one = Sample.of(QUESTION, x, y).finding(QUESTION, "standard")
    several = joined.finding(QUESTION, "standard")
    assert [f.what for f in several.faults] == [f.what for f in one.faults]
    assert [f.size for f in several.faults] == [f.size for f in one.faults]
    assert one.faults[-1].inputs == several.faults[-1].inputs


def test_points_that_tell_are_few_where_nothing_is_wrong() -> None:
    x = places.scattered(FORM, (0, 0), 50_000)
    found = Sample.of(QUESTION, x, np.tanh(x))
    binades = np.unique(FORM.keys(x) >> (FORM.precision - 1))
    assert len(found.x) <= len(binades) + 2


def test_a_fault_in_a_thousandth_of_a_binade_is_seen_at_quick() -> None:
    def change(x: Array, y: Array, parameters: Any) -> Array:
        return np.where((x > 1.5) & (x < 1.5 + 0.03), 0.0, y)

    found = Accuracy().answer(QUESTION, Context(Planted("tanh", change), "quick"))
    assert isinstance(found, Finding)
    assert [f.what for f in found.faults if f.what == "lost_to_zero"]
    assert found.exhaustive is False
    assert found.points is not None
    assert found.points > 190_000


def test_quick_passes_what_is_right() -> None:
    found = Accuracy().answer(QUESTION, Context(NumpyAdapter(), "quick"))
    assert isinstance(found, Finding)
    assert not found.faults


def sweep(folder: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    words = [*COMMAND, "sweep", "tanh", "--backend", BACKEND, "--dtype", "float64", "-n", "1", *more]
    changed = {**os.environ, "ACTCHECK_CACHE": str(folder), **environment}
    return subprocess.run(words, capture_output=True, text=True, env=changed, check=False)


def record(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return {k: v for k, v in found.items() if k not in ("seconds", "backend_seconds", "points_per_second")}


@pytest.mark.thorough
def test_a_sampled_sweep_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    points_given = ("--points", str(3 * PART))
    out, again = tmp_path / "out.json", tmp_path / "again.json"
    done = sweep(tmp_path, *points_given, "--json", str(out))
    assert done.returncode == 1, done.stderr
    told = record(out)
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator({**schema["$defs"]["check"], "$defs": schema["$defs"]}).validate(told)
    assert told["exhaustive"] is False
    assert told["notes"]["sampled"] == told["points"] > 2.9 * PART
    assert "sampled" in done.stdout
    assert f"--points {3 * PART}" in told["rerun"]
    assert {"lost_to_zero"} == set(told["classes"])
    (low, high) = told["classes"]["lost_to_zero"]["ranges"][0]
    assert 2.0**-5 <= float.fromhex(low) < float.fromhex(high) < 2.0**-4
    assert not list((tmp_path / "sweeps").glob("*.jsonl")), "a sweep that is done leaves no ledger"

    broken = sweep(tmp_path, *points_given, SAMPLE_LOG=str(tmp_path / "log"), SAMPLE_FAIL_AFTER="2")
    assert broken.returncode == 1
    (ledger,) = (tmp_path / "sweeps").glob("*.jsonl")
    kept = [json.loads(line)["number"] for line in ledger.read_text("utf-8").splitlines()]
    assert len(kept) == 2
    log = tmp_path / "second"
    done = sweep(tmp_path, *points_given, "--json", str(again), SAMPLE_LOG=str(log))
    assert "continuing an interrupted sweep: 2 of 3 parts" in done.stderr
    assert len(log.read_text("ascii").split()) == 1
    assert record(again) == told


@pytest.mark.parametrize("more", [("--points", "0"), ("--points", "5", "--dtype", "float32")])
def test_points_are_of_float64(tmp_path: Path, more: tuple[str, ...]) -> None:
    done = sweep(tmp_path, *more)
    assert done.returncode == 2
    assert "--points" in done.stderr


def test_errors_at_different_points_are_not_added_up_in_the_grade() -> None:
    # mish' has errors beyond the budget in ULP next to its root, and scaled ones beyond theirs elsewhere.
    mish = loading.find("mish")
    question = Question("accuracy", mish, mish.default, "float64", "gradient")
    found = Accuracy().answer(question, Context(NumpyAdapter(), "quick"))
    assert isinstance(found, Finding)
    assert not found.faults
    assert found.grade in ("tight", "budget", "scaled")
