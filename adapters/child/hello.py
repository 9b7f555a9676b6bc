"""What a program says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.adapters.child.messages import plain
from actcheck.adapters.values import Parameters, Unsupported

#: Seconds for a call whose program states none, and for each number in it.
TIME_LIMIT, FOR_EACH = 60.0, 1e-3
#: What it does not compute where it does not say that it does, in words.
_WORDS = {
    "forward": "values",
    "gradient": "gradients",
    "second_derivative": "second derivatives",
    "weight_gradient": "weight gradients",
}


@dataclass(frozen=True)
class Hello:
    """A program's answer to the greeting, which the schema of the messages describes."""

    message: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of its column."""
        return str(self.message["name"])

    @property
    def activations(self) -> Mapping[str, Mapping[str, Any]]:
        """What it computes, by activation."""
        found: Mapping[str, Mapping[str, Any]] = self.message["activations"]
        return found

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of any activation."""
        each = [self.of(activation, "formats") for activation in self.activations]
        return tuple(dict.fromkeys(name for names in (self.message["formats"], *each) for name in names))

    def of(self, activation: str, what: str) -> tuple[str, ...]:
        """The ``formats`` or ``quantities`` of an activation: its own, or those of all."""
        return tuple(self.activations[activation].get(what, self.message[what]))

    def time_limit(self, count: int) -> float:
        """Seconds for a call with so many numbers."""
        return float(self.message.get("time_limit", TIME_LIMIT)) + count * FOR_EACH

    def lacks(
        self, quantity: str, activation: str, format_name: str, parameters: Parameters
    ) -> Unsupported | None:
        """Why the program is not asked this, if it says so."""
        if activation not in self.activations:
            return Unsupported(f"{self.name} has no {activation}")
        if quantity not in self.of(activation, "quantities"):
            return Unsupported(f"{self.name} computes no {_WORDS[quantity]} of {activation}")
        if format_name not in self.of(activation, "formats"):
            return Unsupported(f"{self.name} has no {activation} in {format_name}")
        return next(filter(None, (self._fixed(activation, n, v) for n, v in parameters.items())), None)

    def _fixed(self, activation: str, name: str, value: Any) -> Unsupported | None:
        """Why a parameter cannot have this value: the program lists others alone, or does not know it."""
        listed = self.activations[activation].get("parameters", {})
        if name not in listed:
            return Unsupported(f"the {activation} of {self.name} has no parameter {name}")
        choices = listed[name]
        if choices is True or (not isinstance(value, np.ndarray) and plain(value) in choices):
            return None
        told = " or ".join(map(str, choices))
        return Unsupported(f"the {activation} of {self.name} is built for {name} = {told} alone")
