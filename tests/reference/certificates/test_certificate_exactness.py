"""Where float64 rounds nothing, how bounds are rounded outwards, and when certificates are built anew."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actcheck.reference.certificates import store
from actcheck.reference.certificates.model import LARGEST, key_of, value_of
from actcheck.reference.certificates.rounding import horner_error, is_exact_difference, is_exact_line
from actcheck.reference.machine import code_digest, outward
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind

floats = st.floats(allow_nan=False, allow_infinity=False)
float32 = st.floats(allow_nan=False, allow_infinity=False, width=32)
#: Numbers of few bits, which are where exactness begins.
short = st.builds(lambda n, e: n * 2.0**e, st.integers(-(1 << 30), 1 << 30), st.integers(-60, 60))


def between(a: float, b: float, seed: int) -> list[float]:
    """The ends of a run of floats, their neighbours inside, and one more."""
    low, high = sorted((key_of(a), key_of(b)))
    keys = {low, high, min(low + 1, high), max(high - 1, low), low + seed % (high - low + 1)}
    return [value_of(k) for k in keys]


@given(float32, float32, st.one_of(float32, short), st.integers(0, 1 << 31))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_difference_called_exact_is(a: float, b: float, centre: float, seed: int) -> None:
    low, high = sorted((a, b))
    if is_exact_difference(low, high, centre):
        assert all(Fraction(x - centre) == Fraction(x) - Fraction(centre) for x in between(a, b, seed))


@pytest.mark.parametrize(
    ("low", "high", "centre"),
    [(2.0**-25, 1.0, 2.0**-80), (1.0, 1 + 2.0**-23, 2.0**-53), (-0.0, 1.0, 2.0**-10), (1.0, 2.0, math.nan)],
)
def test_a_difference_that_rounds_is_not_called_exact(low: float, high: float, centre: float) -> None:
    assert not is_exact_difference(low, high, centre)


def test_the_differences_of_certificates_are_exact() -> None:
    for low, high, centre in ((1.0, 2.0, 1.5), (2.0**-149, 2.0**-126, 2.0**-127), (1.0, 2.0**20, 2.0**19)):
        assert is_exact_difference(low, high, centre)


@given(float32, float32, short, short, st.integers(0, 1 << 31))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_line_called_exact_is(a: float, b: float, constant: float, slope: float, seed: int) -> None:
    low, high = sorted((a, b))
    if is_exact_line(low, high, constant, slope):
        for x in between(a, b, seed):
            exact = Fraction(constant) + Fraction(slope) * Fraction(x)
            assert Fraction(constant + slope * x) == exact == Fraction(float(exact))


@pytest.mark.parametrize(
    ("low", "high", "constant", "slope"),
    [
        (0.0, 1.0, 0.5, 0.5),
        (-1.0, -0.0, 0.5, 0.5),
        (0.5, 1.0, 536870911 + 2.0**-23, 1.0),
        (0.5, 1.0, 0.0, 1 + 2.0**-30),
        (1.0, 2.0, 2.0**-60, 1.0),
    ],
)
def test_a_line_that_rounds_is_not_called_exact(
    low: float, high: float, constant: float, slope: float
) -> None:
    assert not is_exact_line(low, high, constant, slope)


@given(st.lists(short, min_size=2, max_size=10), st.floats(-4, 4, width=32))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_horner_rounds_no_more_than_its_bound(d: list[float], t: float) -> None:
    exact = sum((Fraction(c) * Fraction(t) ** k for k, c in enumerate(d)), Fraction(0))
    for fused in (False, True):
        value = d[-1]
        for c in d[-2::-1]:
            value = float(Fraction(value) * Fraction(t) + Fraction(c)) if fused else value * t + c
        assert abs(Fraction(value) - exact) <= Fraction(horner_error(d, abs(t)))


@given(floats, floats)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_bounds_lie_outside(a: float, b: float) -> None:
    x, y = Fraction(a), Fraction(b)
    for above, below, exact in (
        (outward.add_up, outward.add_down, x + y),
        (outward.sub_up, outward.sub_down, x - y),
        (outward.mul_up, outward.mul_down, x * y),
        *([(outward.div_up, outward.div_down, x / y)] if b else []),
    ):
        assert outside(below(a, b), exact) <= 0 <= outside(above(a, b), exact)


def outside(bound: float, exact: Fraction) -> float:
    """The sign of bound - exact."""
    if math.isinf(bound):
        return bound
    return (Fraction(bound) > exact) - (Fraction(bound) < exact)


def test_neighbours_of_numbers_and_of_arrays() -> None:
    values = [0.0, -0.0, 1.0, -1.0, 2.0**-1074, math.inf, -math.inf]
    for value, step in product(values, (outward.up, outward.down)):
        assert step(np.array([value]))[0] == step(value)
    assert outward.down(1.0) < 1.0 < outward.up(1.0)
    assert outward.down(0.0) < 0.0 < outward.up(0.0)


def test_no_segment_is_wider_than_loops_may_rely_on() -> None:
    for name in ("elu", "logsigmoid", "tanhshrink"):
        spec = loading.find(name)
        certificate = store.certificate(bind(spec, spec.default), "gradient")
        assert max(s.proof.size for s in certificate.segments) <= LARGEST


def test_code_that_changes_has_another_digest(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("a = 1\n")
    before = code_digest.digest([file], ["python-flint"])
    assert before == code_digest.digest([file], ["python-flint"])
    assert before != code_digest.digest([file], [])
    file.write_text("a = 2\n")
    assert before != code_digest.digest([file], ["python-flint"])


def test_a_digest_does_not_depend_on_the_order_of_files_of_one_name(tmp_path: Path) -> None:
    files = [tmp_path / str(n) / "__init__.py" for n in range(20)]
    for n, file in enumerate(files):
        file.parent.mkdir()
        file.write_text(f"a = {n}\n")
    assert code_digest.digest(files) == code_digest.digest(files[::-1])


def test_everything_that_builds_certificates_is_in_their_digest() -> None:
    names = {path.name for path in code_digest.sources("actcheck.reference.certificates.certificate")}
    assert {"certificate.py", "cover.py", "segments.py", "rounding.py", "outward.py", "balls.py"} <= names
    assert {"rewriting.py", "calculus.py", "intervals.py", "regions.py", "binding.py", "mp.py"} <= names
    assert not {"sweeping.py", "kernel.py", "judging.py"} & names
