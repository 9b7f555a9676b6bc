"""What the specifications say of torch's derivative at the kinks is what torch answers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from actcheck.reference.evaluation.mp import evaluate, to_fraction
from actcheck.reference.expressions.tree import substituted
from actcheck.reference.specification.binding import numbers
from actcheck.reference.specification.loading import groups
from actcheck.reference.specification.model import Spec, Variant
from tests.support.frameworks import framework

torch = framework("torch")
functional = torch.nn.functional

SPECS = {spec.id: spec for spec in groups()[0][1]}
#: Formats hold these kinks and slopes exactly.
CASES = [
    (spec, variant)
    for spec in SPECS.values()
    if spec.elementwise
    for variant in spec.variants
    if spec.kinks and variant.kind in ("default", "exact") and spec.id != "threshold"
] + [(SPECS["threshold"], SPECS["threshold"].variants[1])]


def derivative(spec: Spec, variant: Variant, x: float, count: int) -> set[float]:
    """Torch's float64 derivatives at ``count`` equal inputs."""
    inputs = torch.full((count,), x, dtype=torch.float64, requires_grad=True)
    function: Callable[..., Any] = getattr(functional, spec.id)
    torch.autograd.backward(function(inputs, **variant.parameters).sum())
    assert inputs.grad is not None
    return set(inputs.grad.tolist())


@pytest.mark.parametrize("count", [1, 64])
@pytest.mark.parametrize(("spec", "variant"), CASES, ids=[f"{s.id}-{v.label}" for s, v in CASES])
def test_torch_convention(spec: Spec, variant: Variant, count: int) -> None:
    values = numbers(variant.parameters)
    for kink in spec.kinks:
        x, told = (to_fraction(evaluate(substituted(node, values), {})) for node in (kink.at, kink.torch))
        assert Fraction(float(x)) == x
        (answered,) = derivative(spec, variant, float(x), count)
        assert answered == pytest.approx(float(told), rel=1e-15)


def test_torch_convention_of_prelu() -> None:
    (kink,) = SPECS["prelu"].kinks
    weight = torch.tensor([0.375])
    inputs = torch.zeros(5, requires_grad=True)
    torch.autograd.backward(functional.prelu(inputs, weight).sum())
    assert inputs.grad is not None
    told = evaluate(kink.torch, {"weight": Fraction(0.375)})
    assert set(inputs.grad.tolist()) == {float(told)}
