"""Floating-point formats: their parameters, bit patterns, neighbours and rounding."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Format:
    """A binary interchange format: p bits of precision, exponents emin to emax.

    A *key* is a bit pattern read as an integer that grows with the value: consecutive floats have
    consecutive keys, -0 is -1 and +0 is 0, and NaN patterns lie beyond the infinities.
    """

    name: str
    precision: int
    emin: int
    emax: int
    bits: int

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The numpy dtype of arrays in this format."""
        return np.dtype(getattr(ml_dtypes, self.name, None) or self.name)

    @cached_property
    def integer(self) -> np.dtype[Any]:
        """The signed integer of the same width."""
        return np.dtype(f"int{self.bits}")

    @cached_property
    def largest(self) -> float:
        """The largest finite value."""
        return float((2 - Fraction(2) ** (1 - self.precision)) * Fraction(2) ** self.emax)

    @cached_property
    def smallest_normal(self) -> float:
        """The smallest positive normal value."""
        return 2.0**self.emin

    @cached_property
    def smallest(self) -> float:
        """The smallest positive subnormal value."""
        return 2.0 ** (self.emin - self.precision + 1)

    @cached_property
    def overflow(self) -> Fraction:
        """Values of this size and more round to infinity: half a unit beyond the largest."""
        return (2 - Fraction(2) ** -self.precision) * Fraction(2) ** self.emax

    @cached_property
    def infinity_key(self) -> int:
        """The key of plus infinity; minus infinity has ``-infinity_key - 1``."""
        return int(self.keys(np.array([np.inf], self.dtype))[0])

    def keys(self, values: Array) -> NDArray[np.int64]:
        """The keys of an array in this format, of the same shape."""
        pattern = np.ascontiguousarray(values).view(self.integer).astype(np.int64).reshape(np.shape(values))
        return np.where(pattern >= 0, pattern, -(pattern & self._magnitude) - 1)

    def values(self, keys: Array) -> Array:
        """The floats with these keys."""
        keys = np.asarray(keys, np.int64)
        pattern = np.where(keys >= 0, keys, (-keys - 1 - self._magnitude) - 1)
        return np.asarray(pattern.astype(self.integer)).view(self.dtype)

    @property
    def _magnitude(self) -> int:
        return (1 << (self.bits - 1)) - 1

    def key(self, value: float) -> int:
        """The key of one value, which must lie in the format."""
        return int(self.keys(np.array([value], self.dtype))[0])

    def value(self, key: int) -> float:
        """The float with this key, as a Python float, exactly."""
        return float(self.values(np.array([key]))[0])

    def every_finite(self) -> Array:
        """All finite values in increasing order, for formats of at most 16 bits."""
        return self.values(np.arange(-self.infinity_key, self.infinity_key))

    def every_pattern(self) -> Array:
        """All bit patterns, NaNs and infinities included, in the order of their keys."""
        half = 1 << (self.bits - 1)
        return self.values(np.arange(-half, half))

    def ulp_exponent(self, magnitude: Fraction) -> int:
        """The exponent e of ulp(z) = 2^e for abs(z) = magnitude, clamped to the format."""
        if magnitude == 0:
            return self.emin - self.precision + 1
        exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
        if magnitude < power_of_two(exponent):
            exponent -= 1
        return min(max(exponent, self.emin), self.emax) - self.precision + 1

    def rounded(self, value: Fraction) -> float:
        """The nearest float, ties to even; infinity from the overflow threshold on."""
        magnitude = abs(value)
        if magnitude >= self.overflow:
            return float("inf") if value > 0 else float("-inf")
        unit = power_of_two(self.ulp_exponent(magnitude))
        return float(round(value / unit) * unit)


@lru_cache(maxsize=1 << 14)
def power_of_two(exponent: int) -> Fraction:
    """Two to this power; the few that formats need are kept, for a Fraction takes long to raise."""
    return Fraction(2) ** exponent


def sorted_keys(*keys: Array) -> NDArray[np.int64]:
    """All keys of some arrays, each once, in order: for these `numpy.unique` takes many times as long."""
    ordered: NDArray[np.int64] = np.sort(np.concatenate([np.ravel(k) for k in keys]))
    return ordered[_first_of_runs(ordered)]


def first_of_pairs(a: Array, b: Array) -> NDArray[np.int64]:
    """Of two arrays of keys an index of each distinct pair, in the order of the pairs."""
    order, starts = equal_rows(a, b)
    return order[starts]


def equal_rows(*columns: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An order of the rows in which equal ones follow each other, and where in it each run begins."""
    order = np.lexsort(columns[::-1])
    new = np.any([_first_of_runs(column[order]) for column in columns], axis=0)
    return order, np.flatnonzero(new)


def _first_of_runs(ordered: Array) -> NDArray[np.bool_]:
    return np.append(np.ones(min(1, len(ordered)), bool), ordered[1:] != ordered[:-1])


FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("float16", 11, -14, 15, 16),
        Format("bfloat16", 8, -126, 127, 16),
        Format("float32", 24, -126, 127, 32),
        Format("float64", 53, -1022, 1023, 64),
    )
}
