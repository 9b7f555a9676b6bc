"""What a backend can reach: copies with the layout of what they copy, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import AttentionCall, AttentionResult
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.backends.guard.copies import differing, owned, twin
from actcheck.conformance.backends.guard.guarded import Guarded, find, guard, unguarded
from actcheck.conformance.backends.guard.lending import Lending
from actcheck.conformance.checks.parts.shared.forms import FORMS, LENGTH
from actcheck.conformance.model import Context, Failure, Finding
from actcheck.conformance.run.asking import ask
from actcheck.reference.formats import FORMATS
from actcheck.reference.machine.environment import control
from actcheck.reference.machine.environment.modes import SOUND, modes
from tests.support.asked_questions import finding, questions, whats
from tests.support.faults.planted_reaching import (
    InOneBuffer,
    Reaching,
    WithoutSubnormals,
    flush,
    round_up,
    write,
    write_mask,
    write_nan,
    write_projection,
    write_query,
    write_table,
    write_upstream,
    write_weight,
)


@pytest.mark.parametrize("form", FORMATS)
def test_a_twin_has_the_layout_and_memory_of_its_own(form: str) -> None:
    values = np.arange(500).astype(FORMATS[form].dtype)
    more = [("read only", np.broadcast_to(values[:1], (3, 1))), ("offset", values[7:])]
    forms = [(form.name, form.build(values[:LENGTH])) for form in FORMS]
    for name, view in [*forms, *more]:
        array = np.asarray(view)
        made = twin(array)
        assert (made.shape, made.dtype) == (array.shape, array.dtype), name
        assert made.tobytes() == array.tobytes(), name
        assert not np.shares_memory(made, array), name
        if array.size:
            assert made.strides == array.strides, name
            assert (made.ctypes.data - array.ctypes.data) % 64 == 0, name
            assert made.flags.writeable == array.flags.writeable, name


def test_bits_are_compared() -> None:
    a = np.array([0.0, np.nan, 1.0], np.float32)
    b = a.copy()
    assert not len(differing(a, b))
    b[0] = -0.0
    b.view(np.int32)[1] ^= 1
    assert a[1] != a[1]
    assert differing(a, b).tolist() == [0, 1]


def test_results_are_copied() -> None:
    array = np.arange(6.0).reshape(2, 3).T
    given = AttentionResult(array, None, {"query": array})
    found = owned((given, 1, [array]))
    assert found[0].output is not array
    assert found[0].output.strides == array.strides
    assert not np.shares_memory(found[0].gradients["query"], array)
    assert (found[0].weights, found[1]) == (None, 1)


def test_what_is_called_is_the_backends_own() -> None:
    @dataclass(frozen=True)
    class Module:
        weight: np.ndarray

        def __init__(self) -> None:  # it cannot be made anew from its fields
            object.__setattr__(self, "weight", np.ones(3))

        def __call__(self, x: np.ndarray) -> np.ndarray:
            return x

    module = Module()
    assert owned(module) is module


def test_one_array_stays_one() -> None:
    x = np.zeros((2, 1, 4), np.float32)
    call = AttentionCall(x, x, x, 2, {"in_proj_bias": np.zeros(12, np.float32)})
    lent = Lending().lend("call", call)
    assert lent.query is lent.key is lent.value
    assert not np.shares_memory(lent.query, x)
    assert not np.shares_memory(lent.weights["in_proj_bias"], call.weights["in_proj_bias"])


ATTENTION = "multihead_attention-embed_dim=8,num_heads=2-float32-forward"
Case = tuple[str, Callable[..., None], str, str]
CASES: dict[str, Case] = {
    "x": ("accuracy-relu-default-float32-forward", write, "argument x", "relu"),
    "x, of 16 bits": ("accuracy-tanh-default-bfloat16-forward", write, "argument x", "tanh"),
    "payload of NaN": ("accuracy-gelu-default-float16-forward", write_nan, "argument x", "gelu"),
    "upstream": ("accuracy-silu-default-float32-gradient", write_upstream, "argument upstream", "silu"),
    "table": ("kinks-relu-default-float32-forward", write_table, "table of its parameters", "relu"),
    "x, strided": ("consistency-elu-default-float64-forward", write, "argument x", "elu"),
    "weight": ("accuracy-prelu-default-float32-forward", write_weight, "argument weight", "prelu"),
    "query": (
        f"attention-{ATTENTION}",
        write_query,
        "argument query",
        "",
    ),
    "mask": (
        f"attention-{ATTENTION}",
        write_mask,
        "argument attn_mask",
        "",
    ),
    "projection": (
        f"accuracy-{ATTENTION}",
        write_projection,
        "argument out_proj_bias",
        "",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_written_to_is_told_and_changes_no_verdict(name: str) -> None:
    identity, act, told, activation = CASES[name]
    before = finding(identity, NumpyAdapter(), level="quick")
    found = finding(identity, Reaching(act, activation), level="quick")
    assert whats(found) == {"input_changed"}
    assert all(f.message.startswith("input_changed: the call ") for f in found.faults)
    assert any(told in f.message for f in found.faults)
    # As text: NaNs stand in verdicts, and are not equal.
    assert repr((found.grade, found.verdict)) == repr((before.grade, before.verdict))


def test_in_place_forms_may_write_to_their_input() -> None:
    assert whats(finding("in_place-relu-default-float32-forward", NumpyAdapter())) == set()


def test_a_module_gets_copies() -> None:
    class Module(NumpyAdapter):
        def module(self, activation: str, parameters: Any) -> Any:
            def called(x: Any) -> Any:
                y = self.call(activation, x, parameters)
                x[0] = 7
                return y

            return called

    found = finding("module_form-relu-default-float32-forward", Module())
    assert whats(found) == {"input_changed"}


def test_results_in_one_buffer_are_told_apart() -> None:
    found = finding("module_form-relu-default-float32-forward", NumpyAdapter())
    assert whats(found) == set()
    for identity in ("consistency-relu-default-float32-forward", "shapes-hardtanh-default-float32-forward"):
        assert whats(finding(identity, InOneBuffer())) == set(), identity


@pytest.mark.parametrize(
    ("act", "told"), [(flush, "takes subnormal inputs for zero"), (round_up, "after a call of forward")]
)
def test_a_changed_mode_is_told_once_and_changes_no_figures(act: Callable[[], None], told: str) -> None:
    pytest.importorskip("torch", reason="torch sets the flush mode")
    adapter = Reaching(lambda *_: act(), "gelu")
    for identity in ("accuracy-gelu-default-bfloat16-forward", "accuracy-gelu-default-float32-forward"):
        found, right = (
            finding(identity, adapter, level="quick"),
            finding(identity, NumpyAdapter(), level="quick"),
        )
        (fault,) = found.faults
        assert fault.what == "environment_changed"
        assert told in fault.message
        assert (found.grade, found.verdict) == (right.grade, right.verdict)
    assert modes() == SOUND
    for other in ("accuracy-tanh-default-float32-forward", "properties-elu-default-float16-forward"):
        assert finding(other, adapter, level="quick") == finding(other, NumpyAdapter(), level="quick")


def test_subnormals_lost_in_a_flush_mode_fail() -> None:
    pytest.importorskip("torch", reason="torch sets the flush mode")
    for adapter, more in ((WithoutSubnormals(), set()), (WithoutSubnormals(flush), {"environment_changed"})):
        found = finding("accuracy-relu-default-float32-forward", adapter, level="quick")
        assert "max_ulp" in whats(found)
        assert whats(found) - {"max_ulp"} == more
        assert found.grade == "loose"


ADAPTER = """
import numpy as np
import torch
from tests.support.faults.planted_reaching import WithoutSubnormals
torch.set_flush_denormal(True)

class Loaded(WithoutSubnormals):
    def relu(self, x):
        # Computed in the mode that was set when this was loaded.
        return np.maximum(x * np.float32(1), np.float32(0))
"""


def test_a_backend_that_sets_the_mode_when_loaded_computes_in_it_and_is_not_judged_in_it(
    tmp_path: Any,
) -> None:
    pytest.importorskip("torch", reason="torch sets the flush mode")
    path = tmp_path / "loaded.py"
    path.write_text(ADAPTER, "utf-8")
    adapter = find(f"{path}:Loaded")
    assert modes() == SOUND
    assert adapter.apart.own == "takes subnormal inputs for zero and flushes subnormal results to zero"
    found = finding("accuracy-relu-default-float32-forward", adapter, level="quick")
    assert whats(found) == {"max_ulp"}
    subnormal = np.array([2.0**-140], np.float32)
    assert adapter.forward("relu", subnormal, {}) == 0
    assert modes() == SOUND


def test_where_the_mode_cannot_be_restored_the_question_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    (question,) = (q for q in questions("accuracy") if q.id == "accuracy-relu-default-float32-forward")
    adapter = Guarded(Reaching(lambda *_: round_up()))
    with monkeypatch.context() as patch:
        patch.setattr(control, "put_sound", lambda: False)
        answer = ask(question, Context(adapter))
    assert control.put_sound()
    assert isinstance(answer, Failure)
    assert answer.who == "harness"
    assert answer.what.startswith("ModeError: the processor rounds up since the backend was called")


def test_faults_of_one_question_are_not_told_of_the_next() -> None:
    adapter = Guarded(Reaching(write, "relu"))
    assert whats(finding("accuracy-relu-default-float32-forward", adapter, level="quick"))
    assert finding("accuracy-tanh-default-float32-forward", adapter, level="quick").faults == ()


def test_guarding_twice_is_guarding_once() -> None:
    inner = NumpyAdapter()
    assert guard(guard(inner)).backend is inner
    assert unguarded(guard(inner)) is inner
    assert isinstance(finding("defaults-gelu-default-any-any", guard(inner)), Finding)
