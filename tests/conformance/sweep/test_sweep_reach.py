"""Sweeps of backends that reach for their inputs, for the mode of the processor, or for earlier results."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Adapter, Array, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.backends.guard.guarded import guard
from actcheck.conformance.model import Question
from actcheck.conformance.sweep.block_memory import Lent
from actcheck.conformance.sweep.findings import finding
from actcheck.conformance.sweep.gated_pairs import paired
from actcheck.conformance.sweep.job import Job
from actcheck.conformance.sweep.native import Floats
from actcheck.conformance.sweep.partial_result import packed, total, unpacked
from actcheck.conformance.sweep.work import judged, judged_there
from actcheck.reference.machine.environment.modes import SOUND, modes
from actcheck.reference.sweeping.host import block
from tests.support.faults.planted_reaching import (
    InOneBuffer,
    OverItsInput,
    Reaching,
    WithoutSubnormals,
    flush,
    write,
)

COUNT, SIZE = 1 << 14, 1 << 12
ONE = 0x3F800000


def question(name: str, quantity: str = "forward") -> Question:
    return Job("planted", name, (), quantity).question()


class There(Adapter):
    """Another backend with arrays of its own, which are numpy's."""

    def __init__(self, inner: Adapter) -> None:
        self.inner, self.name = inner, inner.name

    def describe(self) -> Any:
        return self.inner.describe()

    def functions(self) -> Any:
        return self.inner.functions()

    def differentiate(self, function: Any, x: Any, upstream: Any) -> Any:
        return self.inner.differentiate(function, x, upstream)

    def consecutive(self, start: int, count: int, positive: bool) -> Array:
        return block(start, count, positive)


@pytest.mark.parametrize("start", [0, 0x00000001, 0x007FFFF0, ONE, 0x7F7FF000, 0x7FFFF000])
@pytest.mark.parametrize("positive", [True, False])
def test_inputs_are_made_from_patterns(start: int, positive: bool) -> None:
    count = min(SIZE, (1 << 31) - start)
    wanted, lent = block(start, count, positive), Lent(SIZE, 1)
    for made in (lent.consecutive(start, count, positive), lent.original()):
        assert made.tobytes() == wanted.tobytes()
    assert lent.is_whole
    compat = pytest.importorskip("array_api_compat.numpy")
    there, nan = Floats(compat, "cpu")(start, count, positive), np.isnan(wanted)
    assert np.array_equal(np.isnan(there), nan)
    assert there[~nan].tobytes() == wanted[~nan].tobytes()


def test_one_changed_bit_is_seen() -> None:
    for count in (SIZE, SIZE - 8):  # memory is used again as a whole, or in part
        inputs, ones = Lent(SIZE, 1), Lent(SIZE, 0)
        inputs.consecutive(0x7FC00000, SIZE, False)
        ones.ones(SIZE)
        assert inputs.is_whole
        assert ones.is_whole
        for lent in (inputs, ones):
            lent.now.view(np.int32)[SIZE - 3] ^= 1
            assert not lent.is_whole
        inputs.consecutive(0x00000010, count, True)
        assert inputs.is_whole
        assert inputs.was_changed
        ones.restore()
        assert ones.ones(count).tobytes() == np.ones(count, np.float32).tobytes()


def test_what_is_not_changed_is_not_said_to_be() -> None:
    lent = Lent(SIZE, 1)
    for start, count in ((0, SIZE), (SIZE, SIZE), (2 * SIZE, 5), (7, 5), (0x7FFFF000, SIZE)):
        lent.consecutive(start, count, False)
        assert not lent.was_changed


@pytest.mark.parametrize("judge", [judged, judged_there])
@pytest.mark.parametrize("quantity", ["forward", "gradient"])
def test_an_input_that_is_overwritten_is_judged_as_it_was(judge: Any, quantity: str) -> None:
    adapter = OverItsInput() if judge is judged else There(OverItsInput())
    with np.errstate(all="ignore"):  # numpy is the device here
        part = judge(adapter, question("relu", quantity), ONE, COUNT, SIZE)
    assert part.verdict.not_correctly_rounded == COUNT
    assert set(part.changes) == {"input_changed"}
    assert (
        "the call wrote to its argument x: element 0 of 4,096 was -0x1p+0 (-1) and is 0x1p+0 (1)"
        in (part.changes["input_changed"])
    )


def test_an_upstream_that_is_overwritten_is_one_again_in_the_next_call() -> None:
    class Doubling(NumpyAdapter):
        def gradient(self, activation: str, x: Array, upstream: Array, parameters: Parameters) -> Any:
            y = super().gradient(activation, x, upstream, parameters)
            upstream *= 2
            return y

    part = judged(Doubling(), question("tanh", "gradient"), ONE, COUNT, SIZE)
    assert part.verdict == judged(NumpyAdapter(), question("tanh", "gradient"), ONE, COUNT, SIZE).verdict
    assert "argument upstream" in part.changes["input_changed"]


def test_changes_are_faults_of_the_finding() -> None:
    asked = question("relu")
    part = judged(OverItsInput(), asked, 0, COUNT, SIZE)
    assert unpacked(packed(part)) == part
    whole = total([part, replace(part, changes={"input_changed": "another"})])
    assert whole.changes == part.changes
    found = finding(asked, "standard", whole, OverItsInput(), 1.0)
    assert {fault.what for fault in found.faults} >= {"input_changed", "max_ulp"}


@pytest.mark.parametrize("judge", [judged, judged_there])
def test_subnormals_lost_in_a_flush_mode_are_judged(judge: Any) -> None:
    pytest.importorskip("torch", reason="torch sets the flush mode")
    adapter: Adapter = WithoutSubnormals(flush)
    with np.errstate(all="ignore"):
        part = judge(adapter if judge is judged else There(adapter), question("relu"), 0, COUNT, SIZE)
    # Positive subnormals, zero apart; the smallest is half of no float: 0 is not what it rounds to.
    assert part.verdict.not_correctly_rounded == COUNT - 1
    assert part.verdict.max_ulp[1] >= COUNT - 1
    assert set(part.changes) == {"environment_changed"}
    assert modes() == SOUND


def test_a_mode_that_was_set_before_is_the_backends_alone() -> None:
    pytest.importorskip("torch", reason="torch sets the flush mode")
    flush()
    part = judged(guard(WithoutSubnormals()), question("relu"), 0, COUNT, SIZE)
    assert part.verdict.not_correctly_rounded == COUNT - 1
    assert part.changes == {}
    assert modes() == SOUND


@pytest.mark.parametrize("name", ["relu", "hardtanh"])
def test_claims_about_pairs_hold_where_all_results_lie_in_one_buffer(name: str) -> None:
    part = judged(InOneBuffer(), question(name), ONE, COUNT, SIZE)
    assert part.verdict.not_correctly_rounded == 0
    assert {claim: broken.count for claim, broken in part.ordering.broken.items() if broken.count} == {}


def test_a_pair_that_is_overwritten_is_told() -> None:
    class Over(NumpyAdapter):
        def forward(self, activation: str, x: Array, parameters: Parameters) -> Array | Unsupported:
            y = super().forward(activation, x, parameters)
            x[0, :5] = 1
            return y

    asked = Job("planted", "glu", (), "forward", "bfloat16").question()
    part = paired(Over(), asked, 0x3F80, 4)
    assert "element 0 of 524,288 was 0x1p+0 (1)" not in part.changes["input_changed"]
    right = paired(NumpyAdapter(), asked, 0x3F80, 4)
    assert part.verdict == right.verdict
    assert right.changes == {}


def test_a_written_input_is_told_without_changing_the_verdict() -> None:
    part = judged(Reaching(write), question("elu"), ONE, COUNT, SIZE)
    assert set(part.changes) == {"input_changed"}
    assert part.verdict == judged(NumpyAdapter(), question("elu"), ONE, COUNT, SIZE).verdict


def test_the_worst_input_is_known_where_memory_is_used_again() -> None:
    in_parts = judged(NumpyAdapter(), question("elu"), ONE, COUNT, SIZE)
    at_once = judged(NumpyAdapter(), question("elu"), ONE, COUNT, COUNT)
    assert in_parts.verdict == at_once.verdict
