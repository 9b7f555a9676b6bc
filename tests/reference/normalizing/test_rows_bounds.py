"""Bounds of rows: honest backends keep them, however they sum, and what is wrong does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.number_models import NumberModel, judged_in
from actcheck.reference.judging.sums.bounds import carrier
from actcheck.reference.judging.sums.judged import Judged, judge
from actcheck.reference.normalizing.exact import Asked, evaluate
from actcheck.reference.specification import loading
from actcheck.reference.specification.normalizing import normalized

Array = NDArray[Any]
NAMES = ("softmax", "log_softmax", "softmin")
ORDERS: dict[str, Callable[[Array], Array]] = {
    "one after the other": lambda p: np.cumsum(p, axis=-1, dtype=p.dtype)[..., -1:],
    "backwards": lambda p: np.cumsum(p[..., ::-1], axis=-1, dtype=p.dtype)[..., -1:],
    "in pairs": lambda p: p.sum(axis=-1, keepdims=True),
}
SCALES = (0.0, 1.0, 10.0, 300.0)


def honest(name: str, x: Array, order: Callable[[Array], Array]) -> Array:
    """Every step rounded to the format of x, which is what sums are carried in."""
    signed = -x if name == "softmin" else x
    below = signed - signed.max(axis=-1, keepdims=True)
    total = order(np.exp(below))
    return below - np.log(total) if name == "log_softmax" else np.exp(below) / total


def back(name: str, y: Array, upstream: Array, order: Callable[[Array], Array]) -> Array:
    """The gradient from the result, as frameworks compute it."""
    if name == "log_softmax":
        return upstream - np.exp(y) * order(upstream)
    made = y * (upstream - order(upstream * y))
    return -made if name == "softmin" else made


def judged(name: str, form: str, x: Array, y: Array, upstream: Array | None = None) -> Judged:
    spec = loading.find(name)
    parts = normalized(spec, spec.default.parameters)
    return judge(evaluate(parts, Asked(x, -1, upstream), FORMATS[form]).sums, FORMATS[form], y)


@pytest.mark.parametrize("length", [1, 2, 9, 40])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_honest_results_keep_the_bound(name: str, form: str, length: int) -> None:
    kind, inner = FORMATS[form], carrier(FORMATS[form]).dtype
    random = np.random.default_rng([length, kind.bits])
    x = np.concatenate([random.normal(0, scale, (4, length)) for scale in SCALES]).astype(kind.dtype)
    upstream = random.normal(size=x.shape).astype(kind.dtype)
    for order in ORDERS.values():
        with np.errstate(all="ignore"):
            y = honest(name, x.astype(inner), order).astype(kind.dtype)
            gradient = back(name, y.astype(inner), upstream.astype(inner), order).astype(kind.dtype)
        assert judged(name, form, x, y).share.max() <= 1
        assert judged(name, form, x, gradient, upstream).share.max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_results_with_a_few_units_more_than_honest_ones_are_seen(name: str) -> None:
    x = np.random.default_rng(0).normal(0, 2, (20, 12)).astype(np.float32)
    y = honest(name, x, ORDERS["in pairs"])
    right, wrong = (judged(name, "float32", x, v).max_units for v in (y, y * np.float32(1 + 2.0**-16)))
    assert right < 2
    assert wrong > 12


def test_a_distance_counts_once_and_only_with_its_share() -> None:
    x = np.array([[100.0, 100.0, 100.0], [100.0, 0.0, -50.0]])
    size = evaluate_sizes(x)
    # Two relative errors, of numerator and sum; nothing is far from the largest, or what is has no share.
    assert size[0] == pytest.approx(np.full(3, 2 / 3), rel=0.07)
    assert size[1, 0] == pytest.approx(2, rel=0.07)
    assert size[1, 1] == pytest.approx(np.exp(-100) * (2 + 100), rel=0.07)


def evaluate_sizes(x: Array) -> Array:
    spec = loading.find("softmax")
    return evaluate(normalized(spec, spec.default.parameters), Asked(x, -1), FORMATS["float64"]).sums.size


def test_a_row_too_long_for_its_format_has_no_bound_and_no_verdict() -> None:
    spec = loading.find("softmax")
    parts, x = normalized(spec, spec.default.parameters), np.zeros(300_000)
    assert np.isnan(evaluate(parts, Asked(x, 0), FORMATS["float32"]).sums.exact.main).all()
    assert np.isfinite(evaluate(parts, Asked(x, 0), FORMATS["float64"]).sums.exact.main).all()


def test_flushed_shares_are_right_where_a_model_says_so() -> None:
    x, upstream = np.array([0.0, -90.0]), np.array([1.0, 2.0**40])
    gradient = np.array([0.0, 0.0])
    assert judged("softmax", "float32", x, gradient, upstream).max_units > 100
    with judged_in(NumberModel.named("flush_results")):
        assert judged("softmax", "float32", x, gradient, upstream).max_units <= 16
