"""Rows by the reference: Arb against mpmath, formulas by hand, and derivatives of whole rows."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from actcheck.reference.evaluation import mp
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.expressions.tree import SUM, Binary, Node, Number, X, substituted
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.pointwise import ReferenceDisagreementError
from actcheck.reference.judging.sums.bounds import Exact, Sums
from actcheck.reference.normalizing.confirming import confirm
from actcheck.reference.normalizing.exact import Asked, evaluate, vanishing
from actcheck.reference.specification import loading
from actcheck.reference.specification.normalizing import Normalized, normalized

NAMES = ("softmax", "log_softmax", "softmin")
FLOAT32 = FORMATS["float32"]


def definition(name: str) -> Normalized:
    spec = loading.find(name)
    return normalized(spec, spec.default.parameters)


def _shares(x: list[Any]) -> list[Any]:
    powers = [mpmath.exp(v - max(x)) for v in x]
    return [p / mpmath.fsum(powers) for p in powers]


#: Written by hand: nothing here reads a specification.
BY_HAND: dict[str, Callable[[list[Any]], list[Any]]] = {
    "softmax": _shares,
    "log_softmax": lambda x: [
        v - max(x) - mpmath.log(mpmath.fsum(mpmath.exp(w - max(x)) for w in x)) for v in x
    ],
    "softmin": lambda x: _shares([-v for v in x]),
}


def as_numbers(exact: Exact) -> Any:
    return [
        mpmath.mpf(m) + mpmath.mpf(r) for m, r in zip(exact.main.ravel(), exact.rest.ravel(), strict=True)
    ]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0, 1e4])
@pytest.mark.parametrize("name", NAMES)
def test_values_are_those_of_the_formula(name: str, scale: float) -> None:
    x = np.random.default_rng(7).normal(0, scale, (6, 9))
    found = evaluate(definition(name), Asked(x, -1), FORMATS["float64"])
    with mpmath.workprec(4000):
        wanted = [v for row in x.tolist() for v in BY_HAND[name]([mpmath.mpf(e) for e in row])]
        for got, value in zip(as_numbers(found.sums.exact), wanted, strict=True):
            assert abs(got - value) <= abs(value) * mpmath.mpf(2) ** -100 + mpmath.mpf(2) ** -1074


def whole(parts: Normalized, row: list[float], upstream: list[float], at: int) -> Node:
    """The sum of upstream times result of a whole row, as a tree over its element at a place."""

    def element(index: int) -> Node:
        return X if index == at else Number(Fraction(row[index]))

    total: Node = Number(Fraction(0))
    for index in range(len(row)):
        total = Binary("+", total, substituted(parts.term, {"x": element(index)}))
    result: Node = Number(Fraction(0))
    for index, sent in enumerate(upstream):
        own = substituted(parts.value, {"x": element(index), SUM: total})
        result = Binary("+", result, Binary("*", Number(Fraction(sent)), own))
    return result


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_derivatives_of_the_whole_row(name: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    x, upstream = random.normal(0, 3, 5), random.normal(size=5)
    found = evaluate(definition(name), Asked(x, 0, upstream), FORMATS["float64"])
    for at in range(5):
        node = derivative(whole(definition(name), x.tolist(), upstream.tolist(), at))
        wanted = mp.to_fraction(mp.evaluate(node, {"x": Fraction(x[at])}))
        got = Fraction(found.sums.exact.main[at]) + Fraction(found.sums.exact.rest[at])
        assert abs(got - wanted) <= Fraction(float(found.sums.size[at])) * Fraction(1, 2**90)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_mpmath_confirms_arb_on_ordinary_and_extreme_rows(name: str, form: str) -> None:
    kind, parts = FORMATS[form], definition(name)
    extreme = [
        [kind.largest, 0, 1, -2],
        [-kind.largest, kind.largest, 0, 1],
        [40, 0, 1, 2],
        [kind.smallest, 0, -kind.smallest, 0],
        [9, 9, 9, 9],
    ]
    ordinary = np.random.default_rng(1).normal(0, 20, (8, 4)).astype(kind.dtype).astype(float)
    x = np.concatenate([np.array(extreme, np.float64), ordinary])
    upstream = np.random.default_rng(2).normal(size=x.shape)
    for asked in (Asked(x, -1), Asked(x, -1, upstream)):
        found = evaluate(parts, asked, kind)
        for at in np.ndindex(x.shape):
            confirm(parts, found.sums, at, -1, x, asked.upstream)


def test_a_value_that_is_off_is_not_confirmed() -> None:
    x = np.array([[0.5, 1.0, -2.0]])
    sums = evaluate(definition("softmax"), Asked(x, -1), FLOAT32).sums
    wrong = Sums(Exact(sums.exact.main * (1 + 2.0**-50), sums.exact.rest), sums.size, sums.steps, sums.stored)
    with pytest.raises(ReferenceDisagreementError, match="mpmath says"):
        confirm(definition("softmax"), wrong, (0, 1), -1, x, None)


def test_a_share_next_to_one_keeps_its_logarithm() -> None:
    x = np.array([600.0, 0.0, -1.0])
    found = evaluate(definition("log_softmax"), Asked(x, 0), FORMATS["float64"])
    assert found.sums.exact.main[0] == pytest.approx(-np.exp(-600.0) * (1 + np.exp(-1.0)), rel=1e-12)


def test_every_dimension_and_long_rows_of_few_numbers() -> None:
    x = np.random.default_rng(3).normal(size=(2, 3, 4))
    for dim in range(-3, 3):
        main = evaluate(definition("softmax"), Asked(x, dim), FORMATS["float64"]).sums.exact.main
        np.testing.assert_allclose(main, np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True), rtol=1e-14)
    long = np.random.default_rng(4).choice([-1.5, 0.25, 2.0], 70_001)
    upstream = np.random.default_rng(5).choice([-1.0, 0.5], long.shape)
    share = np.exp(long) / np.exp(long).sum()
    main = evaluate(definition("softmax"), Asked(long, 0, upstream), FORMATS["float64"]).sums.exact.main
    np.testing.assert_allclose(main, share * (upstream - (share * upstream).sum()), rtol=1e-9)


def test_infinities_and_nan_reach_their_own_rows_alone() -> None:
    inf, nan = np.inf, np.nan
    x = np.array([[0.0, -inf, 1.0], [0.0, inf, 1.0], [0.0, nan, 1.0], [-inf, -inf, -inf], [0.0, 1.0, 2.0]])
    found = evaluate(definition("softmax"), Asked(x, -1), FLOAT32)
    assert found.nan.all(axis=1).tolist() == [False, True, True, False, False]
    assert found.undefined.all(axis=1).tolist() == [False, False, False, True, False]
    assert found.zero.tolist()[0] == [False, True, False]
    assert np.isfinite(found.sums.exact.main).all(axis=1).tolist() == [True, False, False, False, True]
    logarithm = evaluate(definition("log_softmax"), Asked(x, -1), FLOAT32)
    assert logarithm.sums.exact.main[0, 1] == -inf
    assert not logarithm.zero.any()
    assert [vanishing(definition(name)) for name in NAMES] == [(True, False), (True, False), (False, True)]


def test_upstreams_that_are_no_numbers_leave_their_row() -> None:
    x = np.zeros((3, 2))
    upstream = np.array([[np.nan, 1.0], [np.inf, 1.0], [1.0, 1.0]])
    found = evaluate(definition("softmax"), Asked(x, -1, upstream), FLOAT32)
    assert found.nan.tolist() == [[True, True], [False, False], [False, False]]
    assert np.isnan(found.sums.exact.main).tolist() == [[True, True], [True, True], [False, False]]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("exp(x)", "holds one sum over the row"),
        ("exp(x)/(sum(exp(x)) + sum(x))", "holds one sum over the row"),
        ("exp(x)/sum(2)", "do not depend on x"),
        ("x/sum(abs(x))", "abs has no derivative rule"),
        ("exp(x)/sum(exp(x), 1)", "sum takes 1 argument"),
    ],
)
def test_a_definition_that_is_no_function_of_one_sum_is_refused(
    value: str, message: str, tmp_path: Any
) -> None:
    text = Path(loading.find("softmax").path).read_text("utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(text.replace("value: exp(x)/sum(exp(x))", f'value: "{value}"'), "utf-8")
    with pytest.raises(loading.SpecError, match=message) as refused:
        loading.load(path)
    assert "own.yaml:" in str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "kind: normalizing",
            "kind: gated",
            "only the definition of a normalizing activation can hold a sum",
        ),
        ("property: total, value: 1", "property: total", "value: missing"),
        ("property: total, value: 1", "property: odd", "must be one of range, total"),
        ("  - name: dim", "  - name: axis", "whole number dim"),
        ("in_place: false", "in_place: false\nzero_sign: either", "zero_sign has no place here"),
    ],
)
def test_what_else_a_file_of_this_kind_must_say(before: str, after: str, message: str, tmp_path: Any) -> None:
    text = Path(loading.find("softmax").path).read_text("utf-8")
    if "axis" in after:
        text = text.replace("{dim: ", "{axis: ").replace("dim={dim}", "axis={axis}")
    path = tmp_path / "own.yaml"
    path.write_text(text.replace(before, after), "utf-8")
    with pytest.raises(loading.SpecError, match=message):
        loading.load(path)
