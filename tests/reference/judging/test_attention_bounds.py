"""Bounds of attention: what they are made of holds, honest backends keep them, and ties are told apart."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.conformance.checks.parts.attention.calls import SIZES, AttentionCase, Properties, case, cases
from actcheck.conformance.checks.parts.attention.table import chosen
from actcheck.conformance.model import Question
from actcheck.reference.attention.exact import evaluate
from actcheck.reference.attention.inputs import masks
from actcheck.reference.attention.sized_steps import Sizes
from actcheck.reference.attention.softmax import softmax_reach
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.sums.bounds import Exact, Sums
from actcheck.reference.judging.sums.judged import judge
from actcheck.reference.specification import loading
from tests.support.honest_attention import honest

SPEC = loading.find("multihead_attention")
NARROW = ("float16", "bfloat16")


@pytest.mark.parametrize("seed", range(20))
def test_the_reach_of_a_softmax_is_that_of_the_worst_corner(seed: int) -> None:
    random = np.random.default_rng(seed)
    logits, off = random.normal(0, 3, 5), np.abs(random.normal(0, 10.0 ** random.uniform(-12, 1), 5))
    weights = _softmax(logits)
    corners = [_softmax(logits + np.array(signs) * off) for signs in product((-1, 1), repeat=5)]
    worst = np.max(np.abs(np.array(corners) - weights), axis=0)
    found = softmax_reach(weights, off)
    np.testing.assert_allclose(found, worst, rtol=1e-9, atol=1e-15)


def test_the_reach_of_a_softmax_with_unknown_logits_is_all() -> None:
    assert softmax_reach(np.array([0.5, 0.5]), np.array([1e300, 0.0])).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("form", NARROW)
def test_what_rounds_every_tensor_keeps_the_bound(form: str, order: int) -> None:
    variants = SPEC.variants[:1] + SPEC.variants[3:5] + SPEC.variants[-1:]
    for variant, seed in product(variants, range(3)):
        made = Question("attention", SPEC, variant, form, "forward")
        every = [case(variant, FORMATS[form], seed, properties) for properties, _ in chosen(made, "quick")]
        for one in (*cases(variant, FORMATS[form], seed), *every):
            if one.call.query.size and not one.refusable:
                assert _shares(one, form, order) <= 1, one.words


def _shares(case: AttentionCase, form: str, order: int) -> float:
    exact = evaluate(case.module, FORMATS[form])
    output, weights = honest(case.module, FORMATS[form].dtype, order)
    judged = (
        judge(sums, FORMATS[form], got) for sums, got in ((exact.output, output), (exact.weights, weights))
    )
    return max(float(one.share.max()) for one in judged)


@pytest.mark.parametrize("form", NARROW)
def test_the_bound_of_bare_weights_is_a_few_roundings(form: str) -> None:
    case = next(cases(SPEC.default, FORMATS[form], 0))
    even = evaluate(case.module, FORMATS[form]).output
    # The last query has logits of 0: weights of 1/4, and roundings of weights, context and output.
    relative = even.allowed(FORMATS[form])[:, 3] / even.exact.main[:, 3] * 2.0 ** FORMATS[form].precision
    assert np.all((relative > 3) & (relative < 3.1))


def test_numbers_that_every_backend_has_are_not_moved() -> None:
    sizes = Sizes(FORMATS["bfloat16"], np.ones((1, 1)))
    one, two = sizes.of(np.array([[0.0, 0.5]])), sizes.of(np.array([[3.0, 0.1], [1.5, 0.1]]))
    found = sizes.stored(one @ two)
    assert found.spread[0, 0] == 0
    assert found.spread[0, 1] > 0
    assert sizes.stored(sizes.of(np.ones((1, 2))) @ two).spread.min() > 0
    assert sizes.scaled(found, 4).spread[0, 0] > 0


def test_float_masks_are_two_summands() -> None:
    variant, form = SPEC.default, FORMATS["float64"]
    both = case(variant, form, 0, Properties(SIZES[0], "3-D float attn_mask, float key_padding_mask"))
    added, _ = masks(both.module)
    assert len(added) == 2


def _sums(exact: float, rest: float = 0.0) -> Sums:
    return Sums(Exact(np.array([exact]), np.array([rest])), np.array([4.0]), 3, np.zeros(1))


@pytest.mark.parametrize(
    ("exact", "rest", "got", "wrong"),
    [
        (1 + 2.0**-24, 0.0, 1.0, 0),
        (1 + 2.0**-24, 0.0, 1 + 2.0**-23, 1),
        (1 + 2.0**-24, 2.0**-90, 1.0, 1),
        (1 + 2.0**-24, -(2.0**-90), 1.0, 0),
        (1 + 3 * 2.0**-24, 0.0, 1 + 2.0**-23, 1),
        (1.0, -(2.0**-60), 1 - 2.0**-24, 1),
    ],
)
def test_a_tie_is_decided_exactly(exact: float, rest: float, got: float, wrong: int) -> None:
    found = judge(_sums(exact, rest), FORMATS["float32"], np.array([got], np.float32)).verdict()
    assert found.not_correctly_rounded == wrong


@pytest.mark.parametrize(("rest", "faithless"), [(0.0, 1), (2.0**-90, 0), (-(2.0**-90), 1)])
def test_an_error_of_one_unit_is_decided_exactly(rest: float, faithless: int) -> None:
    got = np.array([1 + 2.0**-23], np.float32)
    assert judge(_sums(1.0, rest), FORMATS["float32"], got).verdict().not_faithful == faithless


def test_the_largest_error_is_an_interval_that_holds_it() -> None:
    found = judge(_sums(1 / 3), FORMATS["float32"], np.array([0.33], np.float32)).verdict().max_ulp
    assert found[0] < found[1]


@pytest.mark.parametrize("form", NARROW)
@pytest.mark.parametrize("rounded_products", [False, True])
def test_a_sum_of_products_keeps_its_bound_and_a_fault_of_four_steps_does_not(
    form: str, rounded_products: bool
) -> None:
    random, dtype = np.random.default_rng(3), FORMATS[form].dtype
    a, b = (np.abs(random.normal(size=40)).astype(dtype) for _ in range(2))
    products = a.astype(np.float32) * b.astype(np.float32)
    terms = products.astype(dtype).astype(np.float32) if rounded_products else products
    sums = Sums.of_products([(a, b)], FORMATS[form])
    total = np.array([terms.sum(dtype=np.float32)])
    assert judge(sums, FORMATS[form], total.astype(dtype)).share[0] <= 1
    four = 1 + 4 * 2.0 ** (1 - FORMATS[form].precision)
    assert judge(sums, FORMATS[form], (total * four).astype(dtype)).share[0] > 1


def _softmax(logits: NDArray[Any]) -> NDArray[Any]:
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())
