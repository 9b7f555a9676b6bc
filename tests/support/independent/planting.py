"""Results that a judge must get right: correct ones, and every kind of wrong one that is near a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from tests.support.independent.numbers.enclosures import HUGE, Enclosure
from tests.support.independent.questions import Exact

Results = NDArray[Any]
#: From exact values, a format, the correct results and a source of chance to planted results.
Plant = Callable[[Enclosure, Format, Results, np.random.Generator], Results]


def correct(values: Enclosure, form: Format) -> Results:
    """The nearest floats, ties to even, in a way of their own: round main, then look at the rest at a tie."""
    with np.errstate(over="ignore"):
        # A float64 that is no tie of the format rounds as the value does, and a tie by the side of the rest.
        main, rest = values.main, values.low
        beside = np.nextafter(main, np.where(rest > 0, np.inf, np.where(rest < 0, -np.inf, main)))
        tiny = (np.abs(main) == 0) | (np.abs(main) >= HUGE)
        return np.where(tiny, main, beside).astype(form.dtype)


def off(form: Format, y: Results, steps: Any) -> Results:
    """The results so many patterns away, at most infinite; steps across zero count one for -0."""
    keys = np.clip(form.keys(y) + steps, -form.infinity_key - 1, form.infinity_key)
    return form.values(keys)


def _mixed(values: Enclosure, form: Format, y: Results, chance: np.random.Generator) -> Results:
    """Up to 7 patterns off, most of them right."""
    steps = chance.integers(-7, 8, len(y)) * (chance.random(len(y)) < 0.3)
    return off(form, y, steps)


def _other_way(values: Enclosure, form: Format, y: Results, chance: np.random.Generator) -> Results:
    """The neighbour on the other side of the value: at a tie as near as the right one."""
    away = np.sign((values.main - y.astype(np.float64)) + values.low).astype(np.int64)
    return off(form, y, np.where(away == 0, chance.integers(-1, 2, len(y)), away))


def _some(what: Callable[[Format, Results, np.random.Generator], Any], share: float = 0.01) -> Plant:
    """Some results are replaced, alone and in runs."""

    def plant(values: Enclosure, form: Format, y: Results, chance: np.random.Generator) -> Results:
        hit = chance.random(len(y)) < share
        first = int(chance.integers(0, len(y)))
        hit[first : first + len(y) // 7] = True
        return np.where(hit, np.broadcast_to(np.asarray(what(form, y, chance), form.dtype), y.shape), y)

    return plant


def _beside_power(values: Enclosure, form: Format, y: Results, chance: np.random.Generator) -> Results:
    """A power of two near the result less 1 to 7 of the units below it, or more by as many above."""
    exponent = np.frexp(np.abs(y.astype(np.float64)) * 1.3)[1] - 1
    exponent = np.clip(exponent, form.emin + 8, form.emax - 1)
    steps = chance.integers(-7, 8, len(y)) * 2.0**-form.precision
    power = np.ldexp(1.0, exponent) * (1 + np.where(steps > 0, 2 * steps, steps))
    near = np.where(values.main < 0, -power, power).astype(form.dtype)
    return np.where(chance.random(len(y)) < 0.5, near, y)


def _patterns(values: Enclosure, form: Format, y: Results, chance: np.random.Generator) -> Results:
    """Any bit patterns, and some right results."""
    half = 1 << (form.bits - 1)
    wild = form.values(chance.integers(-half, half, len(y)))
    return np.where(chance.random(len(y)) < 0.5, wild, y)


def _times(factor: float) -> Plant:
    def plant(values: Enclosure, form: Format, y: Results, chance: np.random.Generator) -> Results:
        with np.errstate(all="ignore"):
            return (values.main * factor).astype(form.dtype)

    return plant


def _flushed(form: Format, y: Results, chance: np.random.Generator) -> Results:
    wide = y.astype(np.float64)
    flushed: Results = np.where(np.abs(wide) < form.smallest_normal, np.copysign(0.0, wide), wide).astype(
        form.dtype
    )
    return flushed


def _tiny(form: Format, y: Results, chance: np.random.Generator) -> Results:
    """Subnormals of either sign, and zeros of either."""
    steps = chance.integers(-40, 41, len(y)) >> chance.integers(0, 6, len(y))
    tiny: Results = steps * form.smallest + chance.choice([-0.0, 0.0], len(y))
    return tiny.astype(form.dtype)


def _large(form: Format, y: Results, chance: np.random.Generator) -> Results:
    """Infinities and the largest numbers, of either sign."""
    keys = form.infinity_key - chance.integers(0, 4, len(y))
    with np.errstate(invalid="ignore"):
        large: Results = form.values(keys) * chance.choice([-1.0, 1.0], len(y)).astype(form.dtype)
    return large


def _zeros(form: Format, y: Results, chance: np.random.Generator) -> Results:
    return chance.choice([-0.0, 0.0], len(y)).astype(form.dtype)


def _infinities(form: Format, y: Results, chance: np.random.Generator) -> Results:
    return chance.choice([-np.inf, np.inf], len(y)).astype(form.dtype)


def _always(value: float) -> Plant:
    return lambda values, form, y, chance: np.full(len(y), value).astype(form.dtype)


PLANTS: dict[str, Plant] = {
    "correct": lambda values, form, y, chance: y,
    "one up": lambda values, form, y, chance: off(form, y, 1),
    "one down": lambda values, form, y, chance: off(form, y, -1),
    "a few off": _mixed,
    "the other way": _other_way,
    "beside a power of two": _beside_power,
    "some zeros": _some(_zeros),
    "some infinities": _some(_infinities),
    "some NaN": _some(lambda form, y, chance: np.nan),
    "some tiny": _some(_tiny),
    "some large": _some(_large),
    "any pattern": _patterns,
    "flushed": lambda values, form, y, chance: _flushed(form, y, chance),
    "a little more": _times(1 + 2.0**-20),
    "a third more": _times(1.34),
    "all zero": _always(0.0),
    "all -0": _always(-0.0),
    "all infinite": _always(np.inf),
    "all NaN": _always(np.nan),
    "all one": _always(1.0),
    "tiny and large": lambda values, form, y, chance: np.where(
        chance.random(len(y)) < 0.5, _tiny(form, y, chance), _large(form, y, chance)
    ),
}


def planted(name: str, exact: Exact, form: Format, seed: int) -> Results:
    """Results of one kind for exact values."""
    with np.errstate(all="ignore"):
        right = correct(exact.values, form)
        if exact.zero_sign == "input":
            right = np.where((exact.x == 0) & (right == 0), np.copysign(right, exact.x), right).astype(
                form.dtype
            )
        return PLANTS[name](exact.values, form, right, np.random.default_rng(seed))
