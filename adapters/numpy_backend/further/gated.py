"""swiglu, geglu, reglu and bilinear: the first half of the input times a gate of the second."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.adapters.numpy_backend.arrays import Array, floating, map_blocks, matching
from actcheck.adapters.numpy_backend.further.gates import (
    Gate,
    Identity,
    Logistic,
    Normal,
    NormalByTanh,
    Rectified,
    times,
)
from actcheck.adapters.numpy_backend.structured import halves


@dataclass(frozen=True)
class Gated(ABC):
    """a*gate(b) with a and b the halves of x along ``dim``.

    Raises ValueError for an odd size along dim and for a dim that x does not have.
    """

    dim: int = -1

    @abstractmethod
    def gate(self) -> Gate:
        """The function of b."""

    def __call__(self, x: Any) -> Array:
        """The product, half the size of x along dim."""
        return map_blocks(self.gate().multiplied, *self._halves(x))

    def differentiated(self, x: Any, upstream: Any) -> Array:
        """upstream*gate(b) for the first half and upstream*a*gate'(b) for the second, of the shape of x."""
        a, b = self._halves(x)
        given, gate = matching(upstream, a.shape, a.dtype, self._label), self.gate()
        first = map_blocks(gate.multiplied, given, b)
        # Slopes are below 2: half of one times a stays finite.
        second = map_blocks(lambda a, b, u: 2 * (u * times(0.5 * a, gate.slope(b))), a, b, given)
        return np.concatenate([first, second], axis=self.dim)

    def _halves(self, x: Any) -> tuple[Array, Array]:
        return halves(floating(x, self._label), self.dim, self._label)

    @property
    def _label(self) -> str:
        return type(self).__name__


class SwiGLU(Gated):
    """The gate is silu."""

    def gate(self) -> Gate:
        """b*s(b)."""
        return Logistic()


@dataclass(frozen=True)
class GEGLU(Gated):
    """The gate is gelu, in one of its forms. Raises ValueError for a third one."""

    approximate: str = "none"

    def __post_init__(self) -> None:
        if self.approximate not in ("none", "tanh"):
            raise ValueError(f"GEGLU: approximate must be 'none' or 'tanh', not {self.approximate!r}")

    def gate(self) -> Gate:
        """b*Phi(b), or its approximation by tanh."""
        return Normal() if self.approximate == "none" else NormalByTanh()


class ReGLU(Gated):
    """The gate is relu."""

    def gate(self) -> Gate:
        """max(0, b)."""
        return Rectified()


class Bilinear(Gated):
    """The gate is b itself."""

    def gate(self) -> Gate:
        """b."""
        return Identity()
