"""Faults that hid behind generous scales: each is planted in one function of the numpy backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Array
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.model import Context, Finding, Profile
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification.loading import load_all
from tests.support.faults.planted import Change, Planted, where


def answered(identity: str, adapter: NumpyAdapter, profile: Profile = "standard") -> Finding:
    (question,) = select(Selection(tuple(load_all().values()), "quick", checks=(identity,)))
    answer = ask(question, Context(adapter, "quick", profile))
    assert isinstance(answer, Finding), answer
    return answer


def between(low: float, high: float, change: float) -> Change:
    """The right result times a factor, from low to high."""

    def changed(x: Array, y: Array, parameters: Mapping[str, Any]) -> Array:
        inside = (x.astype(np.float64) >= low) & (x.astype(np.float64) <= high)
        return np.where(inside, (y.astype(np.float64) * change).astype(y.dtype), y)

    return changed


def in_format(formula: Any) -> Change:
    """A formula whose every step is rounded to the format; not where x is 0 or not finite."""
    return lambda x, y, parameters: np.where(np.isfinite(x) & (x != 0), formula(x), y).astype(y.dtype)


def _minus_one(x: Array) -> Array:
    return np.where(x > 0, x, np.exp(np.minimum(x, 0)) - x.dtype.type(1))


def _selu(x: Array) -> Array:
    scale, alpha = x.dtype.type(1.0507009873554805), x.dtype.type(1.6732632423543773)
    return np.asarray(scale * np.where(x > 0, x, alpha * _minus_one(np.minimum(x, 0))))


def _softplus(x: Array) -> Array:
    return np.where(x > 20, x, np.log(1 + np.exp(np.minimum(x, 20))))


def _sigmoid_slope(x: Array) -> Array:
    s = 1 / (1 + np.exp(-np.maximum(x, -80)))
    return np.where(x < 0, np.exp(x) / (1 + np.exp(x)) ** 2, s * (1 - s))


#: Name of the fault to the activation, quantity and format, the change, and the kinds of faults found.
FAULTS: dict[str, tuple[str, str, str, Change, set[str]]] = {
    "gelu: a factor of 1.34 in bfloat16": (
        *("gelu", "forward", "bfloat16", between(-8, -2, 1.34)),
        {"max_scaled_ulp"},
    ),
    "gelu: a factor of 1 + 9.3e-5": (
        *("gelu", "forward", "float32", between(-8, -2, 1 + 9.3e-5)),
        {"max_scaled_ulp"},
    ),
    "gelu: a factor of a million in the tail": (
        *("gelu", "forward", "float32", between(-8, -7, 1e6)),
        {"max_scaled_ulp"},
    ),
    "gelu: zeros below -4.75": (
        *("gelu", "forward", "float32", where(lambda x: x <= -4.75, -0.0)),
        {"max_scaled_ulp", "lost_to_zero"},
    ),
    "gelu: zeros below -2.5 in bfloat16": (
        *("gelu", "forward", "bfloat16", where(lambda x: x.astype(np.float32) <= -2.5, -0.0)),
        {"max_scaled_ulp", "lost_to_zero"},
    ),
    "gelu': an error of 1e-6 next to the root": (
        *("gelu", "gradient", "float32"),
        lambda x, y, p: np.where(np.abs(x + 0.7518) < 0.01, y + np.float32(1e-6), y),
        {"max_scaled_ulp"},
    ),
    "logsigmoid: zeros from 17 to 85": (
        *("logsigmoid", "forward", "float32", where(lambda x: (x >= 17) & (x <= 85), -0.0)),
        {"max_scaled_ulp", "lost_to_zero"},
    ),
    "silu: a factor of 2 in the tail": (
        *("silu", "forward", "float32", between(-80, -40, 2)),
        {"max_scaled_ulp"},
    ),
    "mish: a factor of 1.0001": (
        *("mish", "forward", "float32", between(-20, -12, 1.0001)),
        {"max_scaled_ulp"},
    ),
    "elu: exp(x) - 1": ("elu", "forward", "float32", in_format(_minus_one), {"max_ulp", "lost_to_zero"}),
    "selu: exp(x) - 1": ("selu", "forward", "float32", in_format(_selu), {"max_ulp", "lost_to_zero"}),
    "celu: exp(x) - 1": (
        *("celu", "forward", "float32", in_format(_minus_one)),
        {"max_scaled_ulp", "lost_to_zero"},
    ),
    "softplus: log(1 + exp(x))": (
        *("softplus", "forward", "float32", in_format(_softplus)),
        {"max_scaled_ulp", "lost_to_zero"},
    ),
    "tanhshrink: x - tanh(x)": (
        *("tanhshrink", "forward", "float32", in_format(lambda x: x - np.tanh(x))),
        {"max_ulp", "lost_to_zero"},
    ),
    "sigmoid': s*(1 - s)": (
        *("sigmoid", "gradient", "float32", in_format(_sigmoid_slope)),
        {"max_scaled_ulp", "lost_to_zero"},
    ),
    "tanh': 1 - tanh^2": (
        *("tanh", "gradient", "float32", in_format(lambda x: 1 - np.tanh(x) ** 2)),
        {"max_scaled_ulp", "lost_to_zero"},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_tail_or_next_to_a_root_is_found(name: str) -> None:
    activation, quantity, form, change, kinds = FAULTS[name]
    changed = {quantity: change}
    found = answered(f"accuracy-{activation}-default-{form}-{quantity}", Planted(activation, **changed))
    own = {fault.what for fault in found.faults if not fault.what.startswith("upstream:")}
    assert own == kinds
    assert found.grade == "loose"


@pytest.mark.parametrize("profile", ["standard", "strict"])
def test_a_normal_number_that_is_lost_to_zero_fails_by_name(profile: Profile) -> None:
    lost = Planted("logsigmoid", where(lambda x: (x >= 80) & (x <= 85), -0.0))
    faults = answered("accuracy-logsigmoid-default-float32-forward", lost, profile).faults
    (fault,) = [fault for fault in faults if fault.what == "lost_to_zero"]
    assert "zero, but the exact value is a normal number" in fault.message
    ((low, high),) = fault.inputs
    assert 80 <= low <= high <= 85


def test_no_profile_lets_a_sum_that_cancels_everywhere_pass() -> None:
    naive = Planted("tanhshrink", lambda x, y, p: x - np.tanh(x))
    for profile in ("standard", "strict"):
        found = answered("accuracy-tanhshrink-default-float32-forward", naive, profile)
        assert {fault.what for fault in found.faults} == {"max_ulp", "lost_to_zero"}


def test_what_the_rounding_of_an_argument_costs_counts_for_the_strict_profile_alone() -> None:
    """exp(-x*x/2) with x*x rounded to float32: some x*x/2 ULP in gelu's tail."""

    def rounded(x: Array, y: Array, parameters: Mapping[str, Any]) -> Array:
        wide = np.clip(x, -13, 0).astype(np.float64)
        slip = (wide * wide - (x * x).astype(np.float64)) / 2
        with np.errstate(all="ignore"):
            return np.where((x > -13) & (x < -1), y * np.exp(slip), y).astype(x.dtype)

    changed, identity = Planted("gelu", rounded), "accuracy-gelu-default-float32-forward"
    assert answered(identity, changed).grade == "scaled"
    assert answered(identity, changed).faults == ()
    assert {fault.what for fault in answered(identity, changed, "strict").faults} == {"max_ulp"}
