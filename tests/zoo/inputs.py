"""At which inputs a backend is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.zoo.backend import Call

#: From a call to a mask of its inputs.
Inputs = Callable[[Call], Any]


def numbers(condition: Callable[[Any], Any]) -> Inputs:
    """By the number, in binary64."""
    return lambda call: np.asarray(condition(call.wide))


def above(bound: float) -> Inputs:
    """Larger inputs."""
    return numbers(lambda x: x > bound)


def below(bound: float) -> Inputs:
    """Smaller inputs."""
    return numbers(lambda x: x < bound)


def between(low: float, high: float) -> Inputs:
    """Both ends included."""
    return numbers(lambda x: (x >= low) & (x <= high))


def binade(exponent: int) -> Inputs:
    """Sizes from a power of two to the next, of both signs."""
    return numbers(lambda x: (np.abs(x) >= 2.0**exponent) & (np.abs(x) < 2.0 ** (exponent + 1)))


def exactly(number: float) -> Inputs:
    """One input; a zero of one sign."""
    return numbers(lambda x: (x == number) & (np.signbit(x) == np.signbit(number)))


nan = numbers(np.isnan)
infinite = numbers(np.isinf)
zeros = numbers(lambda x: x == 0)


def subnormal(call: Call) -> Any:
    """Subnormal inputs of the format."""
    size = np.abs(call.wide)
    return (size > 0) & (size < call.format.smallest_normal)


def largest(call: Call) -> Any:
    """The largest finite numbers of the format."""
    return np.abs(call.wide) == call.format.largest


def steps_from(number: float, steps: int) -> Inputs:
    """The float so many steps from the one nearest to a number."""

    def found(call: Call) -> Any:
        form = call.format
        return form.keys(call.x) == form.keys(np.array([number]).astype(form.dtype))[0] + steps

    return found


def places(condition: Callable[[Any, int], Any]) -> Inputs:
    """By the place in a one-dimensional array and its length."""

    def found(call: Call) -> Any:
        if call.x.ndim != 1:
            return np.zeros(call.x.shape, bool)
        return condition(np.arange(call.x.size), call.x.size)

    return found


def and_(*conditions: Inputs) -> Inputs:
    """All of them."""
    return lambda call: np.logical_and.reduce([condition(call) for condition in conditions])
