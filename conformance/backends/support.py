"""What a backend lacks, with its reasons."""

from __future__ import annotations

from actcheck.adapters.base import Adapter, Unsupported
from actcheck.conformance.model import NotApplicable, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification import loading
from actcheck.reference.specification.model import Spec


def lacking(question: Question, adapter: Adapter) -> NotApplicable | None:
    """Why a backend cannot be asked at all: no device, no such format, no such activation."""
    description = adapter.describe()
    if description.unavailable:
        return NotApplicable(description.unavailable)
    if question.format in FORMATS and question.format not in description.formats:
        return NotApplicable(f"{adapter.name} has no {question.format}")
    reason = _reason(adapter, question.spec)
    return NotApplicable(reason) if reason else None


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
