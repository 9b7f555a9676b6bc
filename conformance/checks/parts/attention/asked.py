"""One call of multihead attention as it is put to each path of a backend, and the exact results it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from actcheck.adapters.base import AttentionCall
from actcheck.conformance.checks.parts.attention.calls import AttentionCase
from actcheck.reference.attention.exact import Attention, evaluate
from actcheck.reference.formats import Format


@dataclass
class AnsweredCase:
    """A case with its exact results, computed once for all paths."""

    case: AttentionCase
    form: Format

    @cached_property
    def exact(self) -> Attention:
        """By the reference."""
        return evaluate(self.case.module, self.form)


@dataclass(frozen=True)
class AskedCall:
    """A case, and how it is asked."""

    exactly: AnsweredCase
    #: What is asked for beside the output: arguments of the call.
    options: Mapping[str, Any] = field(default_factory=dict)
    #: What is asked in place of the case's own call, whose exact results are its own.
    instead: AttentionCall | None = None

    @property
    def told(self) -> str:
        """The options, in words that follow others."""
        return "".join(f", {name}={value}" for name, value in self.options.items())

    @property
    def tag(self) -> str:
        """See `Properties`; a known deviation names it."""
        return f"{self.exactly.case.tag}{self.told.replace(', ', ',')}"

    def words(self, path: str) -> str:
        """What tells it from the other calls of its question."""
        return f"path {path}, {self.exactly.case.words}{self.told}"

    def call(self, path: str) -> AttentionCall:
        """What the adapter is given."""
        return replace(self.instead or self.exactly.case.call, path=path, **self.options)
