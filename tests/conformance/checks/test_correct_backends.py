"""Backends that are right, each in a way of its own: no check accuses one."""

from __future__ import annotations

import numpy as np
import pytest

import actcheck
from tests.false_alarms import NAMES, accused
from tests.support.correct import Exact, FlushingAll, Noisy
from tests.support.folders import BREAKING

pytestmark = [pytest.mark.xdist_group("correct_backends"), pytest.mark.usefixtures("own_journals")]
ASKED = [word for name in ("relu6", "hardsigmoid", "tanh") for word in ("--activation", name)]
WHY = "backend error: the process died: killed by SIGSEGV"
FORMATS = ["--dtype", "bfloat16", "--dtype", "float32"]


@pytest.mark.parametrize(
    "backend",
    [n if n in ("Exact", "FlushingAll") else pytest.param(n, marks=pytest.mark.thorough) for n in NAMES],
)
def test_a_correct_backend_is_not_accused(backend: str) -> None:
    count, failed = accused(backend, 0, [*ASKED, *FORMATS, "-n", "1"])
    assert failed == []
    assert count > 40


def test_a_wrong_backend_is_accused() -> None:
    words = ["--activation", "elu", "--check", "special_values-elu-default-float16-forward", "-n", "1"]
    count, failed = accused(f"{BREAKING.with_name('planted_hostile.py')}:Breaking", 0, words)
    assert count == 1
    (told,) = failed
    assert told.startswith(f"special_values-elu-default-float16-forward: error: {WHY}")


def test_they_do_as_they_say() -> None:
    x = np.linspace(-4, 4, 4001, dtype=np.float32)
    right = actcheck.exact("tanh", x)
    np.testing.assert_array_equal(Exact().forward("tanh", x, {}), right)
    noisy = Noisy().forward("tanh", x, {})
    errors = actcheck.ulp_error(noisy, "tanh", x)
    assert (noisy != right).sum() > 500
    assert 0.6 < errors.error.max() <= 0.9
    np.testing.assert_array_equal(noisy, -Noisy().forward("tanh", -x, {}))
    assert FlushingAll().forward("leaky_relu", np.float32([1e-40]), {"negative_slope": 0.5}) == 0
