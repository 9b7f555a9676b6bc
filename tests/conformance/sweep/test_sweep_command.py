"""Whole sweeps over 4,294,967,296 inputs: a planted fault, a killed run that goes on, several machines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from actcheck.conformance import numerals
from actcheck.conformance.results.documents import SCHEMA
from actcheck.conformance.sweep.job import BLOCK
from tests.support.folders import SWEPT

#: Of the planted fault, as in sweep_backend.py.
PATTERN = 0x3FCDEF12

pytestmark = pytest.mark.xdist_group("sweep_command")
BACKEND = str(SWEPT / "sweep_backend.py") + ":Single"
COMMAND = [sys.executable, "-c", "import sys; from actcheck.conformance.cli import main; sys.exit(main())"]


def sweep(
    folder: Path, *more: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    words = [*COMMAND, "sweep", "relu", "--backend", BACKEND, "-n", "2", *more]
    changed = {**os.environ, "ACTCHECK_CACHE": str(folder), **(environment or {})}
    return subprocess.run(words, capture_output=True, text=True, env=changed, check=False)


def record(path: Path) -> dict[str, Any]:
    """The check of a result file, without the times."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    times = {"seconds", "backend_seconds", "points_per_second"}
    assert times <= set(found)
    return {name: value for name, value in found.items() if name not in times}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What several machines find, whose sweep nobody disturbs."""
    distributed = pytest.importorskip("distributed", reason="dask.distributed is an extra")
    folder = tmp_path_factory.mktemp("sweep")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, processes=True
    ) as cluster:
        given = ["--executor", "dask", "--scheduler", cluster.scheduler_address]
        done = sweep(folder, *given, "--json", str(folder / "out.json"))
    assert done.returncode == 1, done.stderr
    assert not list((folder / "sweeps").glob("*")), "a sweep that is done leaves no ledger"
    return record(folder / "out.json")


def test_one_wrong_result_among_all_inputs_is_found(undisturbed: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator({**schema["$defs"]["check"], "$defs": schema["$defs"]}).validate(undisturbed)
    assert (undisturbed["points"], undisturbed["exhaustive"]) == (4_294_967_296, True)
    assert undisturbed["notes"]["nan_inputs"] == 16_777_214
    assert undisturbed["notes"]["infinite_inputs"] == 2
    assert float.fromhex(undisturbed["worst"]["x"]) == float(np.uint32(PATTERN).view(np.float32))
    assert undisturbed["outcome"] == "fail"
    assert numerals.hexadecimal(float.fromhex(undisturbed["worst"]["x"])) in undisturbed["message"]
    assert undisturbed["max_ulp"] == [2.0, pytest.approx(2.0, rel=1e-6)]
    assert undisturbed["not_correctly_rounded"] == undisturbed["not_faithful"] == 1
    assert sum(undisturbed["histogram"]) == 4_294_967_296 - 16_777_214


@pytest.mark.thorough
def test_a_killed_sweep_goes_on_to_the_same_result_and_asks_nothing_twice(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    # A log each: workers of the killed command may finish what they had begun.
    log, again, out = tmp_path / "log", tmp_path / "again", tmp_path / "out.json"
    environment = {"SWEEP_LOG": str(log), "SWEEP_KILL_AT": "4000"}
    killed = sweep(tmp_path, environment=environment)
    assert killed.returncode == -signal.SIGKILL
    (ledger,) = (tmp_path / "sweeps").glob("*.jsonl")
    kept = [json.loads(line)["number"] for line in ledger.read_text("utf-8").splitlines()]
    assert kept
    before = Counter(log.read_text("ascii").split())
    done = sweep(tmp_path, "--json", str(out), environment={"SWEEP_LOG": str(again)})
    assert done.returncode == 1, done.stderr
    assert "continuing an interrupted sweep" in done.stderr
    asked = Counter(again.read_text("ascii").split())
    # The message about the fault asks once more where it lies.
    asked.subtract({f"{PATTERN // BLOCK * BLOCK:08x}": 1})
    recorded = {f"{start:08x}" for start in kept}
    assert not recorded & set(+asked)
    assert recorded <= set(before)
    assert record(out) == undisturbed
