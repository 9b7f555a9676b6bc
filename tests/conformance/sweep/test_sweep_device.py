"""A sweep whose inputs, results and errors are tensors, as on a CUDA device; here they lie with the CPU."""

from __future__ import annotations

import pytest

from actcheck.adapters.torch_backend import TorchAdapter
from actcheck.conformance.sweep.job import Job
from actcheck.conformance.sweep.work import judged, judged_there, swept
from tests.support.device_judge import TensorsOfItsOwn

COUNT = 1 << 16


@pytest.mark.parametrize(
    ("name", "quantity", "start"),
    [
        # Near 0 every third result of hardswish lies a unit from the value: integers decide.
        ("hardswish", "forward", 0x33000000),
        ("tanh", "forward", 0x3A800000),
        ("gelu", "forward", 0),
        ("gelu", "gradient", 0x32800000),
        ("softplus", "second_derivative", 0x3F800000),
        ("tanhshrink", "forward", 0x7F7FF000),
    ],
)
def test_tensors_are_judged_as_arrays_are(name: str, quantity: str, start: int) -> None:
    question = Job("torch-cpu", name, (), quantity).question()
    there = judged_there(TensorsOfItsOwn(), question, start, COUNT, COUNT // 2)
    here = judged(TorchAdapter(), question, start, COUNT, COUNT // 2)
    assert (there.verdict.points, there.verdict.histogram) == (here.verdict.points, here.verdict.histogram)
    counts = [(v.not_correctly_rounded, v.not_faithful, v.classes) for v in (there.verdict, here.verdict)]
    assert counts[0] == counts[1]


def test_a_backend_with_tensors_of_its_own_is_judged_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actcheck.conformance.sweep.work.judged_there", lambda *_: "there")
    assert swept(TensorsOfItsOwn(), Job("torch-cpu", "tanh", (), "forward").question(), 0) == "there"
