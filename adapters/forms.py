"""Other forms of the same function that a framework may have: each method answers more of a family of checks.

All are optional. Until a method is written its answer is `Unsupported`.
"""

from __future__ import annotations

from actcheck.adapters.values import (
    Array,
    Index,
    InPlaceSlice,
    Module,
    Parameters,
    Unsupported,
)


class Forms:
    """Ways of calling that an adapter may add to the function and its gradient."""

    #: The name on the command line.
    name: str = ""

    def recorded(self, activation: str, x: Array, parameters: Parameters) -> Array | Unsupported:
        """The result as it is computed while gradients are recorded."""
        return Unsupported(f"{self.name} records no gradients")

    def in_place_slice(
        self, activation: str, base: Array, index: Index, upstream: Array, parameters: Parameters
    ) -> InPlaceSlice | Unsupported:
        """The in-place form on ``base[index]`` of a copy of base, and the base's gradient."""
        return Unsupported(f"{self.name} has no in-place forms of parts of arrays")

    def write_out(
        self, activation: str, x: Array, base: Array, index: Index, parameters: Parameters
    ) -> Array | Unsupported:
        """A copy of base, in which the result of x was written to ``base[index]``, as by an ``out`` argument.

        Raises what the framework raises where the shapes do not match.
        """
        return Unsupported(f"{self.name} writes no results into given arrays")

    def module_object(
        self, activation: str, parameters: Parameters, format_name: str, seed: int
    ) -> Module | Unsupported:
        """The module form as an object, in a format; initial weights that are random come from this seed."""
        return Unsupported(f"{self.name} has no modules that are objects")
