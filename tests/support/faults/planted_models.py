"""Backends that are right in another number model than IEEE's, and such with a wrong constant in it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from actcheck.adapters.base import (
    Array,
    Description,
    DoubleBackward,
    Index,
    InPlace,
    InPlaceSlice,
    Parameters,
    Unsupported,
)
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.reference.judging.points import format_of


def flushed(array: Array) -> Array:
    """The array with zeros of the same sign in the place of subnormal numbers."""
    small = np.abs(array.astype(np.float64)) < format_of(array).smallest_normal
    return np.asarray(np.where(small, np.copysign(array.dtype.type(0), array), array), array.dtype)


def unsigned(array: Array) -> Array:
    """The array with every zero positive."""
    return np.asarray(np.where(array == 0, array.dtype.type(0), array), array.dtype)


class FlushingResults(NumpyAdapter):
    """numpy, with zeros for subnormal results."""

    name, model = "flushing-results", "flush_results"

    def describe(self) -> Description:
        return replace(super().describe(), number_model=self.model)

    def given(self, array: Array) -> Array:
        """What the backend makes of an input."""
        return array

    def made(self, array: Array) -> Array:
        """What it makes of a result."""
        return flushed(array)

    def _results(self, found: Any) -> Any:
        if isinstance(found, np.ndarray):
            return self.made(found) if found.dtype.kind in "fV" else found
        if is_dataclass(found) and not isinstance(found, type):
            arrays = {f.name: getattr(found, f.name) for f in fields(found)}
            changed = {n: self.made(a) for n, a in arrays.items() if isinstance(a, np.ndarray)}
            return replace(found, **changed)
        return found

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        real = x.dtype.kind in "fV"
        return self._results(super().call(activation, self.given(x) if real else x, parameters))

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        given = self.given(x), self.given(upstream)
        return self._results(super().call_gradient(activation, *given, parameters))

    def call_second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        return self._results(super().call_second_derivative(activation, self.given(x), parameters))

    def in_place(self, activation: str, x: Array, upstream: Array, parameters: Parameters) -> Any:
        found = super().in_place(activation, self.given(x), self.given(upstream), parameters)
        return self._results(found) if isinstance(found, InPlace) else found

    def in_place_slice(
        self, activation: str, base: Array, index: Index, upstream: Array, parameters: Parameters
    ) -> Any:
        given = [array.copy(order="K") for array in (base, upstream)]
        for array in given:
            array[index] = self.given(array[index])
        found = super().in_place_slice(activation, given[0], index, given[1], parameters)
        if isinstance(found, InPlaceSlice):
            found.base[index] = self.made(found.base[index])
            found = replace(found, result=self.made(found.result))
            if isinstance(found.gradient, np.ndarray):
                found.gradient[index] = self.made(found.gradient[index])
        return found

    def write_out(self, activation: str, x: Array, base: Array, index: Index, parameters: Parameters) -> Any:
        found = super().write_out(activation, self.given(x), base, index, parameters)
        if isinstance(found, np.ndarray):
            found[index] = self.made(found[index])
        return found

    def jvp(self, activation: str, x: Array, tangent: Array, parameters: Parameters) -> Any:
        return self._results(super().jvp(activation, self.given(x), self.given(tangent), parameters))

    def double_backward(
        self, activation: str, x: Array, upstream: Array, second: Array, parameters: Parameters
    ) -> Any:
        given = (self.given(array) for array in (x, upstream, second))
        found = super().double_backward(activation, *given, parameters)
        return self._results(found) if isinstance(found, DoubleBackward) else found

    def recorded(self, activation: str, x: Array, parameters: Parameters) -> Any:
        return self._results(super().recorded(activation, self.given(x), parameters))

    def module(self, activation: str, parameters: Parameters) -> Any:
        made = super().module(activation, parameters)
        return (lambda x: self._results(made(self.given(x)))) if callable(made) else made

    def module_object(self, activation: str, parameters: Parameters, format_name: str, seed: int) -> Any:
        return Unsupported("it has no modules")


class FlushingBoth(FlushingResults):
    """Zeros for subnormal inputs and upstreams, too."""

    name, model = "flushing-both", "flush_inputs_and_results"

    def given(self, array: Array) -> Array:
        return flushed(array)


class WithoutZeroSigns(FlushingResults):
    """numpy, with every zero positive."""

    name, model = "without-zero-signs", "no_zero_sign"

    def made(self, array: Array) -> Array:
        return unsigned(array)


class FlushingWithoutZeroSigns(FlushingBoth):
    """Subnormal numbers are flushed to a positive zero."""

    name, model = "flushing-without-zero-signs", "flush_inputs_and_results+no_zero_sign"

    def made(self, array: Array) -> Array:
        return unsigned(flushed(array))


class FlushingWrongly(FlushingBoth):
    """Zero for what lies up to eight times the smallest normal number, too: no model allows that."""

    name = "flushing-wrongly"

    def made(self, array: Array) -> Array:
        least = 8 * format_of(array).smallest_normal
        small = np.abs(array.astype(np.float64)) < least
        return np.asarray(np.where(small, array.dtype.type(0), array), array.dtype)


class WithAModelOfItsOwn(FlushingResults):
    """Documents a model that nobody knows."""

    name, model = "model-of-its-own", "fast"
