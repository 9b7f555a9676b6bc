"""Accuracy of multihead attention: the numpy backend passes, and planted faults do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from actcheck.adapters.base import AttentionCall, AttentionResult, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.checks.accuracy import Accuracy
from actcheck.conformance.checks.parts.attention.calls import cases
from actcheck.conformance.model import Context, Finding, Question
from actcheck.reference.attention.exact import evaluate
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification import loading
from tests.support.attention_naive import naive

SPEC = loading.find("multihead_attention")
Change = Callable[[AttentionCall], AttentionCall]


class Bent(NumpyAdapter):
    """The numpy backend, called with something else."""

    def __init__(self, change: Change) -> None:
        self.change = change

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        return super().attention(self.change(call))


def scaled_by_embed_dim(call: AttentionCall) -> AttentionCall:
    weights = dict(call.weights)
    factor = (1 / call.num_heads) ** 0.5
    for name in ("q_proj_weight", "in_proj_bias"):
        if name in weights:
            part = weights[name].copy()
            part[: weights["q_proj_weight"].shape[0]] *= np.asarray(factor, part.dtype)
            weights[name] = part
    return replace(call, weights=weights)


def mask_negated(call: AttentionCall) -> AttentionCall:
    mask = call.attn_mask
    return call if mask is None or mask.dtype == np.bool_ else replace(call, attn_mask=-mask)


def mask_inverted(call: AttentionCall) -> AttentionCall:
    mask = call.attn_mask
    return call if mask is None or mask.dtype != np.bool_ else replace(call, attn_mask=~mask)


def padding_ignored(call: AttentionCall) -> AttentionCall:
    return replace(call, key_padding_mask=None)


def bias_forgotten(call: AttentionCall) -> AttentionCall:
    weights = {name: array for name, array in call.weights.items() if name != "out_proj_bias"}
    return replace(call, weights=weights)


FAULTS = (scaled_by_embed_dim, mask_negated, mask_inverted, padding_ignored, bias_forgotten)


def examined(adapter: NumpyAdapter, form: str = "float32", seed: int = 0) -> Finding:
    question = Question("accuracy", SPEC, SPEC.default, form, "forward")
    answer = Accuracy().answer(question, Context(adapter, seed=seed))
    assert isinstance(answer, Finding)
    return answer


@pytest.mark.parametrize("form", FORMATS)
def test_the_numpy_backend_passes(form: str) -> None:
    found = examined(NumpyAdapter(), form)
    assert found.faults == ()
    assert found.grade in ("exact", "faithful", "tight", "budget", "scaled")
    assert (found.points or 0) > 400


@pytest.mark.parametrize("change", FAULTS, ids=lambda c: c.__name__)
def test_a_planted_fault_is_found(change: Change) -> None:
    found = examined(Bent(change))
    assert "max_units" in {fault.what for fault in found.faults}
    assert "L=" in found.faults[0].message
    assert "path" in found.faults[0].message


def test_no_false_alarm_over_twenty_seeds() -> None:
    assert all(examined(NumpyAdapter(), "float32", seed).faults == () for seed in range(20))


@pytest.mark.parametrize("variant", SPEC.variants, ids=lambda v: v.label)
def test_the_reference_agrees_with_the_definition_written_out(variant: object) -> None:
    for case in cases(variant, FORMATS["float64"], 5):  # type: ignore[arg-type]
        exact = evaluate(case.module, FORMATS["float64"])
        output, weights = naive(case.call)
        shown = output if case.call.batch_first else output.swapaxes(0, 1)
        np.testing.assert_allclose(exact.output.exact.main, shown, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(exact.weights.exact.main, weights, rtol=1e-9, atol=1e-12)
