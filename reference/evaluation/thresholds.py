"""Where the parts of a formula begin to over- or underflow in a format, or to be a constant.

exp(x) overflows in float32 from 88.72 on, underflows below -103.97, and is nothing beside 1 below -17.33;
tanh(x) is 1 from 9.01 on. Kernels change their formula there, or forget to. Each such number is the root of
f(g(x)) = level for a call f(g(x)) of the tree, and found by bisection of Arb's enclosures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

from actcheck.reference.evaluation import balls, intervals
from actcheck.reference.expressions.rewriting import affine
from actcheck.reference.expressions.tree import Call, Node, Power, X, symbols, walk
from actcheck.reference.formats import FORMATS, Format

#: The limits at minus and plus infinity of the functions that have one, infinite ones left out.
_LIMITS: dict[str, tuple[int, ...]] = {
    "exp": (0,),
    "tanh": (-1, 1),
    "erf": (-1, 1),
    "erfc": (0, 2),
    "sigmoid": (0, 1),
    "Phi": (0, 1),
    "log1pexp": (0,),
}
#: 1 - 2^-1075 differs from 1, and half the smallest float64 from 0.
_BITS = 2304
#: How often the argument of each is that of the exponential it is usually computed by, either sign alike.
_EXPONENTIALS = {"exp": 1, "sigmoid": 1, "log1pexp": 1, "tanh": 2}
_WIDE = FORMATS["float64"]
#: Stretches of either sign of the line on which a part of the formula is taken to rise or fall throughout.
_STRETCHES = 64


def thresholds(node: Node, form: Format) -> Iterator[float]:
    """The numbers x at which a call or a power in a tree over x alone passes a level of the format."""
    for part in dict.fromkeys(walk(node)):
        match part:
            case Call(function, (argument,)) if function in _LIMITS and symbols(argument) == {"x"}:
                yield from _solutions(argument, _of_function(function, form))
            case Power(base, exponent) if exponent > 1 and symbols(base) == {"x"}:
                yield from _solutions(base, _of_power(exponent, form))


def _levels(form: Format, limit: int) -> list[Fraction]:
    """What a value next to a limit is told from it by: overflow and underflow, and what it is beside 1."""
    unit, ends = Fraction(1, 2**form.precision), (Fraction(form.smallest_normal), Fraction(form.smallest) / 2)
    apart = [unit, unit / 2, *ends]
    if limit == 0:
        return [*apart, 1 / unit, form.overflow]
    return [limit + sign * size for size in apart for sign in (-1, 1)]


@lru_cache(maxsize=256)
def _of_function(function: str, form: Format) -> tuple[float, ...]:
    """The arguments at which a function passes its levels."""
    wanted = sorted({level for limit in _LIMITS[function] for level in _levels(form, limit)})
    with balls.precision(_BITS, 1):
        call = Call(function, (X,))
        own = [t for level in wanted for t in _roots(_apart(call, level), _whole_line(1))]
    times = _EXPONENTIALS.get(function)
    inner = own if function == "exp" else _of_function("exp", form) if times else ()
    return tuple(sorted({*own, *(sign * t / times for t in inner for sign in (-1, 1) if times)}))


@lru_cache(maxsize=64)
def _of_power(exponent: int, form: Format) -> tuple[float, ...]:
    """The bases whose power over- or underflows."""
    with balls.precision(_BITS, 1):
        sizes = [balls.ball(level) for level in (form.overflow, Fraction(form.smallest_normal))]
        roots = [float(size.root(exponent).mid()) for size in sizes]
    return tuple(sign * root for root in roots for sign in (-1, 1))


@lru_cache(maxsize=1024)
def _solutions(argument: Node, values: tuple[float, ...]) -> tuple[float, ...]:
    """Where an argument has one of these values."""
    line = affine(argument)
    if line is not None:
        constant, slope = line
        return tuple(_double((Fraction(t) - constant) / slope) for t in values) if slope else ()
    with balls.precision(_BITS, 1):
        stretches = _whole_line(_STRETCHES)
        return tuple(x for t in values for x in _roots(_apart(argument, Fraction(t)), stretches))


def _double(value: Fraction) -> float:
    return _WIDE.rounded(value)


def _apart(node: Node, level: Fraction) -> Callable[[int], int]:
    """The sign of a tree's value less a level, at the float64 of a key; 0 where it is not known."""
    wanted = balls.ball(level)

    def sign(key: int) -> int:
        low, high = _at(node, _WIDE.value(key))
        return 1 if low > wanted else -1 if high < wanted else 0

    return sign


@lru_cache(maxsize=1 << 14)
def _at(node: Node, x: float) -> tuple[Any, Any]:
    about = balls.ball(x)
    try:
        return intervals.read(node, (about, about))
    except intervals.UnknownError:
        return balls.ball(0.0) / 0, balls.ball(0.0) / 0


def _whole_line(stretches: int) -> list[int]:
    """Keys from the smallest to the largest finite float64, so many stretches on either side of 0."""
    step = _WIDE.infinity_key // stretches
    positive = [step * k for k in range(stretches)] + [_WIDE.infinity_key - 1]
    return [-key - 1 for key in reversed(positive)] + positive


def _roots(sign: Callable[[int], int], keys: list[int]) -> Iterator[float]:
    """A float64 next to each change of sign between the keys."""
    signs = [(key, sign(key)) for key in keys]
    for (low, below), (high, above) in pairwise(signs):
        if below * above < 0:
            yield _WIDE.value(_bisected(sign, low, high, below))


def _bisected(sign: Callable[[int], int], low: int, high: int, below: int) -> int:
    while high - low > 1:
        middle = (low + high) // 2
        found = sign(middle)
        if found == 0:
            return middle
        low, high = (middle, high) if found == below else (low, middle)
    return high
