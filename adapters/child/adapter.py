"""The adapter of a program: what it says of itself, and its answers."""

from __future__ import annotations

import hashlib
import re
import shlex
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from actcheck.adapters.base import Adapter, Description
from actcheck.adapters.child.program import PATIENCE, Program
from actcheck.adapters.values import Array, Function, Parameters, Unsupported

#: Programs that run the file which is named next.
_INTERPRETERS = re.compile(r"(python|pypy|node|ruby|perl|julia|java|lua|sh|bash|env)[\d.]*")


class ChildAdapter(Adapter):
    """A program that speaks the protocol of docs/protocol.md.

    Raises BackendLostError where it does not say hello.
    """

    def __init__(self, command: str, patience: float = PATIENCE) -> None:
        self.program = Program(command, patience)
        self.name = self.program.hello.name
        #: The file that is the program, beside which its known deviations lie.
        self.home = home_of(command)
        self._digest = digest(command)

    def describe(self) -> Description:
        """What it said when it was started."""
        said = self.program.hello
        told = said.message
        return Description(
            framework=told.get("framework", said.name),
            version=told["version"],
            device=told.get("device", "cpu"),
            formats=said.formats,
            details={**told.get("details", {}), "program": self._digest},
            number_model=told.get("number_model", "ieee"),
        )

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """One for each activation that it lists."""
        return {name: partial(self._of, name) for name in self.program.hello.activations}

    def _of(self, activation: str, x: Array, **parameters: Any) -> Array | Unsupported:
        return self.call(activation, x, parameters)

    def call(self, activation: str, x: Array, parameters: Parameters) -> Array | Unsupported:
        """The program's answer."""
        return self._ask("forward", activation, parameters, x=x)

    def call_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """The program's answer."""
        return self._ask("gradient", activation, parameters, x=x, upstream=upstream)

    def call_second_derivative(
        self, activation: str, x: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """The program's answer."""
        return self._ask("second_derivative", activation, parameters, x=x)

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """The program's answer."""
        return self._ask("weight_gradient", activation, parameters, x=x, upstream=upstream)

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """Those that it says it has."""
        told = self.program.hello.activations.get(activation, {})
        if "defaults" not in told:
            return Unsupported(f"{self.name} does not report defaults")
        defaults: Parameters = told["defaults"]
        return defaults

    def _ask(
        self, quantity: str, activation: str, parameters: Parameters, **arrays: Array
    ) -> Array | Unsupported:
        format_name = str(arrays["x"].dtype)
        lacks = self.program.hello.lacks(quantity, activation, format_name, parameters)
        return lacks or self.program.call(quantity, activation, parameters, arrays)


def home_of(command: str) -> Path:
    """The file that is the program: the first that the command names, but for an interpreter."""
    files = _files(command)
    own = [file for file in files if not _INTERPRETERS.fullmatch(file.name)]
    return (own or files or [Path(command)])[0]


def digest(command: str) -> str:
    """Digest of the files that a command names: answers of another build are other answers."""
    contents = (hashlib.sha256(file.read_bytes()).digest() for file in _files(command))
    return hashlib.sha256(b"".join(contents)).hexdigest()[:16]


def _files(command: str) -> list[Path]:
    first, *more = shlex.split(command)
    words = [shutil.which(first) or first, *more]
    return [Path(word) for word in words if Path(word).is_file()]
