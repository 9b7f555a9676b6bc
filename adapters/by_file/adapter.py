"""The adapter of a folder of questions: its answers are the results that were put there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Description
from actcheck.adapters.by_file.folder import QUESTIONS, Folder
from actcheck.adapters.by_file.lookup import Lookup
from actcheck.adapters.values import Array, Function, Parameters, Unsupported

_Key = tuple[str, tuple[tuple[str, Any], ...], str, str]


class ByFileAdapter(Adapter):
    """Element-wise results from files, in whatever arrays they are asked for.

    Raises FolderError where the folder or any of its results cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.folder = Folder(path)
        self.folder.checked()
        self.name = self.folder.backend.get("name", "by-file")
        #: The file beside which its known deviations lie.
        self.home = path / QUESTIONS
        self._questions = list(self.folder.questions())
        self._digest = self.folder.digest()
        self._asked = {_key(a.activation, a.parameters, a.format, a.quantity): a for a in self._questions}
        self._lookups: dict[_Key, Lookup] = {}

    def describe(self) -> Description:
        """What ``backend.json`` says."""
        told = self.folder.backend
        return Description(
            framework=told.get("framework", self.name),
            version=told.get("version", "unknown"),
            device=told.get("device", "elsewhere"),
            formats=tuple(dict.fromkeys(asked.format for asked in self._questions)),
            details={"results": self._digest},
            number_model=told.get("number_model", "ieee"),
        )

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """One for each activation that was asked."""
        return {a.activation: partial(self._of, a.activation) for a in self._questions}

    def _of(self, activation: str, x: Array, **parameters: Any) -> Array | Unsupported:
        return self.call(activation, x, parameters)

    def call(self, activation: str, x: Array, parameters: Parameters) -> Array | Unsupported:
        """The results in the files."""
        return self._found("forward", activation, parameters, x)

    def call_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """The results in the files."""
        return self._found("gradient", activation, parameters, x, upstream)

    def _found(
        self, quantity: str, activation: str, parameters: Parameters, x: Array, upstream: Array | None = None
    ) -> Array | Unsupported:
        key = _key(activation, parameters, str(x.dtype), quantity)
        asked = self._asked.get(key)
        if asked is None:
            return Unsupported(f"the {quantity} of {activation} in {x.dtype} was not asked by file")
        if asked.result is None:
            return Unsupported(f"{asked.path.name} holds neither result.bin nor result.npy")
        if key not in self._lookups:
            self._lookups[key] = Lookup(asked)
        return self._lookups[key](x, upstream)


def _key(activation: str, parameters: Parameters, format_name: str, quantity: str) -> _Key:
    told = ((name, plain(value)) for name, value in parameters.items())
    return activation, tuple(sorted(told)), format_name, quantity


def plain(value: Any) -> Any:
    """A parameter's value as JSON holds it."""
    value = value.item() if isinstance(value, np.generic) else value
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
