"""Calling a backend where an exception is an answer: the fault of a call that should have worked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from actcheck.conformance.model import Fault

T = TypeVar("T")
#: No message needs more of an exception's text.
_LONGEST = 160


def called(what: str, call: Callable[[], T]) -> T | Fault:
    """The answer of a call with good parameters, or the fault of an exception; ``what`` names the call."""
    try:
        return call()
    except Exception as error:  # whatever a framework raises
        return Fault("raised", f"raised: {what} raised {told(error)}, expected a result")


def told(error: Exception) -> str:
    """An exception's type and the first line of its text."""
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else ""
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
