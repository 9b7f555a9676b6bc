"""Module forms: any difference from the function is caught; NaNs of any pattern are the same."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.adapters.base import Adapter
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.model import NotApplicable
from tests.support.asked_questions import answer, finding, questions
from tests.support.faults.planted_modules import drawing
from tests.support.thorough import one_in
from tests.zoo.collection import find
from tests.zoo.kinds.calls.modules import OtherModule

SAMPLED = [q.id for q in questions("module_form") if q.spec.kind != "attention"]


@pytest.mark.parametrize("seed", one_in(4, range(20)))
def test_no_false_alarm_whatever_the_seed(seed: int) -> None:
    adapter = NumpyAdapter()
    for identity in SAMPLED[seed % 5 :: 5]:
        assert finding(identity, adapter, seed, level="quick").faults == (), identity


@pytest.mark.parametrize("seed", one_in(4, range(20)))
def test_weights_drawn_as_documented_are_no_fault(seed: int) -> None:
    identity = "module_form-multihead_attention-embed_dim=12,num_heads=3,add_bias_kv=True-float32-forward"
    assert finding(identity, drawing(), seed).faults == ()


def test_the_message_tells_input_and_both_results() -> None:
    (fault,) = finding(
        "module_form-gelu-default-float16-forward", find("gelu: module: one input of all").make()
    ).faults
    assert fault.message.startswith(
        "differs: x = 0x1p+0 (1): the module gives 0x1.8p-1 (0.75), expected 0x1."
    )
    assert fault.message.endswith("as the function gives")
    assert (fault.inputs, fault.size) == (((1.0, 1.0),), 1.0)


def test_another_pattern_of_nan_is_no_difference() -> None:
    other = OtherModule("relu", lambda call: np.where(np.isnan(call.x), -np.abs(call.x), call.y))
    assert finding("module_form-relu-default-float32-forward", other).faults == ()


def test_a_backend_without_modules_is_unsupported() -> None:
    class Functions(NumpyAdapter):
        module = Adapter.module

    found = answer("module_form-relu-default-float32-forward", Functions())
    assert found == NotApplicable("numpy has no module forms")


def test_a_module_that_raises_is_a_fault() -> None:
    class Raising(NumpyAdapter):
        def module(self, activation: str, parameters: object) -> object:
            raise NotImplementedError

    (fault,) = finding("module_form-relu-default-float32-forward", Raising()).faults
    assert fault.what == "raised"
    assert fault.message == "raised: the module form raised NotImplementedError, expected a result"
