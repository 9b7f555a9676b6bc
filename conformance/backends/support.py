"""What a backend lacks, with its reasons."""

from __future__ import annotations

from actcheck.adapters.base import Adapter, Operator, Unsupported
from actcheck.conformance.model import NotApplicable, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification import loading
from actcheck.reference.specification.model import Spec

#: What the questions of a backend that computes no gradients are about.
QUANTITIES = ("forward", "gradient", "second_derivative", "weight_gradient")


def lacking(question: Question, adapter: Adapter) -> NotApplicable | None:
    """Why a backend cannot be asked at all: no device, no such format, no such activation."""
    description = adapter.describe()
    if description.unavailable:
        return NotApplicable(description.unavailable)
    if question.format in FORMATS and question.format not in description.formats:
        return NotApplicable(f"{adapter.name} has no {question.format}")
    reason = _reason(adapter, question.spec)
    if reason:
        return NotApplicable(reason)
    if question.quantity in QUANTITIES and question.quantity not in description.quantities:
        return NotApplicable(f"{adapter.name} computes no {question.quantity.replace('_', ' ')}s")
    form = question.format if question.format in FORMATS else ""
    limit = adapter.limit(question.activation, question.variant.parameters, form, question.quantity)
    return NotApplicable(limit.reason) if limit else None


def compositions(adapter: Adapter) -> dict[str, str]:
    """The shipped activations for which the framework has no operator of its own, with what stands for it."""
    found = {activation: adapter.lookup(activation) for activation in loading.load_all()}
    return {name: f.composition for name, f in found.items() if isinstance(f, Operator) and f.composition}


def lacks(adapter: Adapter) -> dict[str, str]:
    """The shipped activations that a backend lacks, with its reasons."""
    unavailable = adapter.describe().unavailable
    found = {i: unavailable or _reason(adapter, spec) for i, spec in loading.load_all().items()}
    return {activation: reason for activation, reason in found.items() if reason}


def _reason(adapter: Adapter, spec: Spec) -> str | None:
    if spec.kind == "attention":
        return None if adapter.attention_paths() else f"{adapter.name} has no {spec.id}"
    function = adapter.lookup(spec.id)
    return function.reason if isinstance(function, Unsupported) else None
