"""Scales are evaluated as exactly as `scales.proof` says, in any array namespace and over runs of inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actcheck.reference.evaluation import mp, numeric
from actcheck.reference.expressions.parsing import parse
from actcheck.reference.expressions.tree import ZERO, Node
from actcheck.reference.scales import runs
from actcheck.reference.scales.proof import ScaleError, prove
from actcheck.reference.specification.binding import bind
from actcheck.reference.specification.loading import load, load_all
from tests.support.folders import DATA

SCALES: dict[str, Node] = {
    f"{spec.id}-{variant.label}-{quantity}": bind(spec, variant).scale(quantity)
    for spec in load_all().values()
    if spec.elementwise
    for variant in spec.variants
    for quantity in spec.scale
    if bind(spec, variant).scale(quantity) != ZERO
}
EVERY = pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)


def exact(scale: Node, x: float) -> Fraction:
    return mp.to_fraction(mp.evaluate(scale, {"x": Fraction(x)}))


def inputs(count: int, seed: int = 0) -> Iterator[float]:
    """Of all sizes, more of them where exponentials are neither 0 nor 1, and the ends of the format."""
    random = np.random.default_rng(seed)
    patterns = random.integers(0, 0x7FEF << 48, count).view(np.float64)
    yield from patterns * random.choice([-1.0, 1.0], count)
    yield from random.uniform(-800, 800, count)
    yield from (0.0, 5e-324, -5e-324, 2.0**-1022, 1.7976931348623157e308, -1.7976931348623157e308)


def outside(value: float, wanted: Fraction) -> bool:
    """Whether a computed value is further off than is claimed."""
    if wanted > Fraction(numeric.MOST):
        return value < numeric.MOST / 2
    allowed = wanted * Fraction(numeric.SLACK) * 3 / 4 + Fraction(numeric.LEAST) / 2
    return math.isinf(value) or abs(Fraction(value) - wanted) > allowed


@EVERY
def test_a_scale_is_as_exact_as_is_claimed(scale: Node) -> None:
    points = list(inputs(60))
    with np.errstate(all="ignore"):
        values = numeric.evaluate(np, scale, np.array(points))
        low, high = numeric.bounds(np, scale, np.array(points), np.array(-3.0))
    for x, value, least, most in zip(points, values.tolist(), low.tolist(), high.tolist(), strict=True):
        wanted = exact(scale, x)
        assert not outside(value, wanted), x.hex()
        assert Fraction(least) <= 3 * wanted, x.hex()
        assert math.isinf(most) or 3 * wanted <= Fraction(most), x.hex()


@EVERY
def test_a_run_of_inputs_has_no_smaller_scale_than_is_claimed(scale: Node) -> None:
    random = np.random.default_rng(1)
    starts = np.array(list(inputs(40, 1)))
    steps = np.abs(starts) * random.choice([2.0**-20, 2.0**-6, 0.9], len(starts))
    with np.errstate(all="ignore"):
        ends = np.clip(starts + steps, starts, 1.7976931348623157e308)
    least = runs.bound_below(scale)
    for a, b in zip(starts.tolist(), ends.tolist(), strict=True):
        inside = [a, b, *(a + (b - a) * random.random(3))]
        assert all(Fraction(least(a, b)) <= exact(scale, x) for x in inside), (a, b)


@pytest.mark.parametrize("name", ["array_api_compat.numpy", "array_api_compat.torch"])
def test_every_namespace_agrees(name: str) -> None:
    xp: ModuleType = pytest.importorskip(name)
    points = list(inputs(20, 2))
    x = xp.asarray(points, dtype=xp.float64)
    for label, scale in SCALES.items():
        with np.errstate(all="ignore"):
            values = numeric.evaluate(xp, scale, x)
            ends = numeric.bounds(xp, scale, x, 2.0)
        for k, point in enumerate(points):
            wanted = exact(scale, point)
            assert not outside(float(values[k]), wanted), (label, point.hex())
            assert Fraction(float(ends[0][k])) <= 2 * wanted, (label, point.hex())


EXPRESSIONS = st.recursive(
    st.sampled_from(["x", "abs(x)", "0", "1", "3", "0.1", "1e-30", "1e30", "pi"]),
    lambda parts: st.one_of(
        st.builds("({} {} {})".format, parts, st.sampled_from("+-*/"), parts),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), parts, parts),
        st.builds("{}({})".format, st.sampled_from(["abs", "exp", "tanh", "sigmoid", "sqrt"]), parts),
        st.builds("exp(-min(abs({}), 700))".format, parts),
        st.builds("({})**{}".format, parts, st.integers(2, 4)),
    ),
    max_leaves=8,
)


def proven(scale: Node) -> bool:
    try:
        prove(scale)
    except ScaleError:
        return False
    return True


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, st.integers(0, 1000))
def test_what_is_proven_holds(written: str, seed: int) -> None:
    """Expressions at random: those that are let pass are as exact as is claimed."""
    scale = parse(written, frozenset("x"))
    if not proven(scale):
        return
    points = list(inputs(4, seed))
    with np.errstate(all="ignore"):
        values = np.broadcast_to(numeric.evaluate(np, scale, np.array(points)), len(points)).tolist()
    for x, value in zip(points, values, strict=True):
        assert not outside(value, exact(scale, x)), (written, x.hex())


@pytest.mark.parametrize(
    "written",
    [
        "exp(min(abs(x), 1)) - 1",
        "exp(-abs(x))",
        "exp(min(abs(x), 800))",
        "sigmoid(-abs(x))",
        "1/abs(x)",
        "abs(x)/(1 + x**2)",
        "x**2*exp(-min(abs(x), 700))",
        "abs(x)/1e30*1e30",
        "x",
        "erfc(min(abs(x), 1))",
        "log(1 + abs(x))",
        "exp(-min(abs(0.1*x*x*x), 708)*(1 + 1e-3)/(1 + 1e-3)*0.9*1.1*0.9*1.1*0.9)",
    ],
)
def test_what_cannot_be_proven_is_refused(written: str) -> None:
    with pytest.raises(ScaleError):
        prove(parse(written, frozenset("x")))


def test_cases_of_a_scale_are_chosen_by_the_parameters(tmp_path: Path) -> None:
    text = (DATA / "spec_bent.yaml").read_text("utf-8")
    cases = "forward: [{when: b > 1, value: b, because: large}, {value: abs(x), because: small}]"
    path = tmp_path / "bent.yaml"
    path.write_text(text.replace("forward: abs(x)", cases), "utf-8")
    spec = load(path)
    assert spec.scale["forward"].because == "large; small"
    for variant in spec.variants:
        b = variant.parameters["b"]
        assert isinstance(b, int | float)
        assert exact(bind(spec, variant).scale("forward"), -0.25) == (
            Fraction(b) if b > 1 else Fraction(1, 4)
        )
