"""Tests of random numbers keep their rate of false alarms; the law of slopes is that of rounded numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.checks.parts.attention import dropout
from actcheck.conformance.checks.parts.attention.dropped import dropout_calls
from actcheck.conformance.checks.parts.modules.initial import ATTENTION
from actcheck.conformance.checks.parts.randomness.law import Law
from actcheck.conformance.checks.parts.shared import statistics
from actcheck.conformance.checks.randomness import Randomness
from actcheck.conformance.model import Context, Finding, Question
from actcheck.conformance.run.asking import ask
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification import loading

#: Large enough to be counted.
RATE, RUNS, COUNT = 0.05, 400, 600
VARIANCE = 1 / 12


def _mean(u: statistics.Doubles) -> bool:
    return bool(abs(u.mean() - 0.5) > statistics.mean_may_be_off(len(u), VARIANCE, 0.5))


def _distribution(u: statistics.Doubles) -> bool:
    steps = np.arange(1, 101) / 100
    counted = np.searchsorted(np.sort(u), steps, side="right") / len(u)
    return bool(np.abs(counted - steps).max() > statistics.distribution_may_be_off(len(u)))


def _cells(u: statistics.Doubles) -> bool:
    counts = np.bincount((u * 20).astype(int), minlength=20)
    return bool(statistics.strange_counts(counts, np.full(20, 0.05), 0.0).any())


def _pairs(u: statistics.Doubles) -> bool:
    digits = (u * 10).astype(int)
    return bool(statistics.too_many((digits[::2] == digits[1::2]).sum(), len(u) // 2, 0.1))


def _itself(u: statistics.Doubles) -> bool:
    return statistics.correlated(u - 0.5, None, 100, VARIANCE, 1.0)[1] != 0


def _others(u: statistics.Doubles) -> bool:
    one, other = np.split(u - 0.5, 2)
    return statistics.correlated(one, other, 100, VARIANCE, 1.0)[1] != 0


@pytest.mark.parametrize("accuses", [_mean, _distribution, _cells, _pairs, _itself, _others])
def test_the_rate_of_false_alarms_is_kept(
    accuses: Callable[[statistics.Doubles], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "EACH", RATE)
    random = np.random.default_rng(3)
    alarms = sum(accuses(random.random(COUNT)) for _ in range(RUNS))
    assert alarms <= RATE * RUNS + 4 * math.sqrt(RATE * RUNS)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("bounds", [(0.125, 1 / 3), (-0.5, 0.5), (-1.5, -0.5), (0.1, 0.3)])
def test_the_law_is_that_of_rounded_numbers(form: str, bounds: tuple[float, float]) -> None:
    law = Law(FORMATS[form], *bounds)
    assert law.probabilities.sum() == pytest.approx(1, abs=1e-12)
    drawn = np.random.default_rng(0).uniform(*bounds, 200_000)
    rounded = drawn.astype(law.form.dtype).astype(np.float64)
    numbers = law.unit(rounded)
    assert numbers.mean() == pytest.approx(law.mean, abs=5 * math.sqrt(VARIANCE / len(drawn)))
    assert numbers.var() == pytest.approx(law.variance, rel=0.02)
    counts = np.bincount(np.searchsorted(law.edges, rounded), minlength=len(law.levels))
    assert not statistics.strange_counts(counts, law.probabilities, law.slack).any()
    equal = (rounded[::2] == rounded[1::2]).mean()
    assert equal <= law.collision + 5 * math.sqrt(law.collision / len(drawn)) + 1e-4


TESTS = ("mean_may_be_off", "distribution_may_be_off", "strange_counts", "too_many", "correlation_may_be")


class Counting:
    """Tests that were made, those that share one counted as one."""

    def __init__(self) -> None:
        self.made = 0.0

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        named, bound = signature(function), function.__name__

        def counted(*given: Any, **more: Any) -> Any:
            arguments = named.bind(*given, **more)
            arguments.apply_defaults()
            # Those of correlation look at both sides, of which each has a share.
            shared = arguments.arguments.get("tests", 1) / (2 if bound == "correlation_may_be" else 1)
            self.made += np.size(arguments.arguments.get("hits", 0)) / max(shared, 1)
            return function(*given, **more)

        return counted


def test_a_run_makes_fewer_tests_than_the_rate_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    counting, context = Counting(), Context(NumpyAdapter(), "quick")
    for name in (
        "mean_may_be_off",
        "distribution_may_be_off",
        "strange_counts",
        "too_many",
        "correlation_may_be",
    ):
        monkeypatch.setattr(statistics, name, counting.wrap(getattr(statistics, name)))
    rrelu, check, most = loading.find("rrelu"), Randomness(), dict[str, float]()
    for form in ("bfloat16", "float32"):
        for quantity in ("any", "forms", "seeds", "special_values"):
            counting.made = 0.0
            found = ask(Question("randomness", rrelu, rrelu.default, form, quantity), context)
            assert isinstance(found, Finding)
            most[quantity] = max(most.get(quantity, 0.0), counting.made)
    assert most["any"] > 0
    assert most["seeds"] > 0
    drawn = sum(most[q.quantity] for q in check.questions(rrelu, "exhaustive"))

    # Attention: the rate and the independence of each call, on every path, and the initial weights.
    attention, paths = loading.find("multihead_attention"), 8
    asked = [Question("attention", attention, v, f, "dropout") for v in attention.variants for f in FORMATS]
    calls = sum(len([*dropout_calls(q, "exhaustive", 0)]) + 2 * len(dropout.RATES) for q in asked)
    assert drawn + 2 * paths * calls + len(ATTENTION) * len(asked) < statistics.MOST
    assert statistics.MOST * statistics.EACH <= statistics.FALSE_ALARM == 1e-9
