"""What is known of rests is kept on disk, and found anew where a file is not what was written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from actcheck.reference.certificates import store
from actcheck.reference.judging import ties
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from tests.support.folders import one_bit_changed

SPEC = loading.find("silu")
BOUND = bind(SPEC, SPEC.default)


@pytest.mark.parametrize("damage", ["none", "truncated", "bit", "short", "gone"])
def test_rows_are_those_that_are_found(own_cache: Path, damage: str) -> None:
    wanted = ties.terms(BOUND, "gradient", store.certificate(BOUND, "gradient"))
    ties.rows.cache_clear()
    assert np.array_equal(ties.rows(BOUND, "gradient"), wanted)
    (path,) = (own_cache / "ties").iterdir()
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-20])
    if damage == "bit":
        path.write_bytes(one_bit_changed(path.read_bytes()))
    if damage == "short":
        key = json.loads(path.read_bytes().partition(b"\n")[0])["key"]
        ties.kept.keep(path, key, ties.Rows(tuple(map(tuple, wanted[:-1].tolist()))))
    if damage == "gone":
        path.unlink()
    ties.rows.cache_clear()
    assert np.array_equal(ties.rows(BOUND, "gradient"), wanted)
    ties.rows.cache_clear()
