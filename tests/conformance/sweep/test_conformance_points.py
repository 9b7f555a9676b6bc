"""Where formats are sampled."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.conformance.sampling import places
from actcheck.reference.formats import FORMATS, Format

WIDE = [FORMATS["float32"], FORMATS["float64"]]


@pytest.mark.parametrize("form", WIDE, ids=lambda f: f.name)
@pytest.mark.parametrize("seed", range(3))
def test_every_kind_of_point_is_there(form: Format, seed: int) -> None:
    x = places.stratified(form, [3.0, 0.0, -0.1], seed, 4000)
    keys = form.keys(x)
    assert x.dtype == form.dtype
    assert (np.diff(keys) > 0).all()
    assert 3000 < len(x) < 5000
    assert {form.key(3.0) + step for step in range(-4, 5)} <= set(keys.tolist())
    assert np.isin(
        [form.key(v) for v in (0.0, -0.0, form.smallest, form.largest, np.inf, -np.inf)], keys
    ).all()
    assert np.isnan(x).any()
    assert float(np.float64(-0.1).astype(form.dtype)) in x


def test_every_binade_of_either_sign_is_sampled() -> None:
    form = FORMATS["float32"]
    x = places.stratified(form, [], 0, 4000)
    exponents = np.frexp(x[np.isfinite(x) & (np.abs(x) >= form.smallest_normal)])[1]
    for sign in (-1, 1):
        side = x[np.isfinite(x) & (np.abs(x) >= form.smallest_normal)] * sign > 0
        assert set(exponents[side].tolist()) == set(range(form.emin + 1, form.emax + 2))


def test_where_points_are_few_the_middle_keeps_all_its_binades() -> None:
    form = FORMATS["float64"]
    x = places.stratified(form, [], 0, 1200)
    exponents = set(np.frexp(x[np.isfinite(x)])[1].tolist())
    assert set(range(-30, 32)) <= exponents
    assert form.largest in x
    assert len(x) < 1500


def test_the_seed_moves_the_points_and_nothing_else_does() -> None:
    form = FORMATS["float32"]
    first, again, other = (places.stratified(form, [], seed, 2000) for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_around_stays_among_finite_numbers() -> None:
    form = FORMATS["float16"]
    x = places.around(form, [65504.0, 1e9, np.inf, 0.0])
    assert np.isfinite(x).all()
    assert x.max() == 65504
    assert {0.0, form.smallest, -form.smallest} <= set(x.astype(float).tolist())


def test_every_is_every_pattern() -> None:
    x = places.every(FORMATS["bfloat16"])
    assert len(np.unique(x.view(np.uint16))) == 65536
