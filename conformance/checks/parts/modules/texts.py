"""What is printed for a module: its parameters, as they were given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from actcheck.adapters.base import Module
from actcheck.conformance.backends.asker import answered
from actcheck.conformance.model import Fault, Question

#: Numbers and words of a text.
_TOKEN = re.compile(r"[-+]?(?:inf\b|\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[A-Za-z_]\w*")


def untold(question: Question, module: Module) -> Iterator[Fault]:
    """A fault for each parameter not at its default that the text does not hold. Raises UnsupportedError."""
    text = answered(module.text())
    tokens = _TOKEN.findall(text)
    for parameter in question.spec.parameters:
        value = question.variant.parameters.get(parameter.name)
        if parameter.type != "array" and value != parameter.default and not _holds(tokens, value):
            what = f"repr:{parameter.name}"
            told = f"{what}: {text!r} does not tell {parameter.name}={value!r}"
            yield Fault(what, f"{told}; who prints a model must see what it computes")


def _holds(tokens: list[str], value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value) in tokens
    return any(_number(token) == value for token in tokens)


def _number(token: str) -> float | None:
    try:
        return float(token)
    except ValueError:
        return None
