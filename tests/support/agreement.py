"""What the library answers, held against mpmath and against the second judge, at inputs of every size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import actcheck
from actcheck.conformance.sampling.places import around, scattered, stratified
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import Bound, bind, finite_kinks
from actcheck.reference.specification.model import Spec, Variant
from tests.support.independent.judging import Judgement, judge
from tests.support.independent.questions import exactly
from tests.support.independent.singly import judge_one
from tests.support.rounded_by_mpmath import roundings

Array = NDArray[Any]
ELEMENTWISE = tuple(spec for spec in loading.load_all().values() if spec.elementwise)
#: Small numbers, and where exponentials vanish or overflow in a format.
_AWKWARD = (
    0.0,
    0.5,
    1.0,
    2.0,
    3.0,
    6.0,
    9.01,
    17.33,
    19.06,
    20.0,
    37.52,
    87.34,
    88.72,
    103.97,
    104.0,
    709.78,
    745.13,
)
#: Errors that the library tells may exceed the real ones by this share, and by so many units.
_SHARE, _UNITS = 2.0**-40, 2.0**-20
#: Of the results that are judged, one in so many is no number close to the right one.
_WILD = 20


@dataclass(frozen=True)
class Asked:
    """A question of the library: an activation, its parameters, a quantity and a format."""

    spec: Spec
    variant: Variant
    quantity: str
    form: Format

    @property
    def bound(self) -> Bound:
        """The definition."""
        return bind(self.spec, self.variant)

    @property
    def given(self) -> dict[str, Any]:
        """The parameters, as the library takes them."""
        return {p.name: self.variant.parameters[p.name] for p in self.spec.parameters}

    def __str__(self) -> str:
        return f"{self.spec.id} {self.variant.label} {self.quantity} {self.form.name}"


def questions(quantities: Sequence[str]) -> list[Asked]:
    """Every element-wise activation, variant, quantity and format."""
    return [
        Asked(spec, variant, quantity, form)
        for spec in ELEMENTWISE
        for variant in spec.variants
        for quantity in quantities
        for form in FORMATS.values()
    ]


def inputs(asked: Asked, count: int, seed: int) -> Array:
    """About so many finite inputs, in every binade, of ordinary size, and where something happens.

    A kink of a derivative is left out, where there is no one value.
    """
    form, kinks = asked.form, [at for _, at in finite_kinks(asked.spec, asked.variant)]
    numbers = [float(v) for v in asked.given.values() if isinstance(v, int | float) and np.isfinite(v)]
    near = around(form, [*_AWKWARD, *(-v for v in _AWKWARD), *numbers, *(-v for v in numbers), *kinks], 1)
    random = np.random.default_rng([seed, 1])
    ordinary = random.normal(0, 4, count // 4).astype(form.dtype)
    near = random.permutation(near)[: count // 2]
    spread = stratified(form, kinks, seed, max(count - len(ordinary) - len(near), 64))
    kept = random.permutation(np.concatenate([ordinary, spread[np.isfinite(spread)]]))
    more = random.permutation(scattered(form, [seed, 3], 2 * count))
    x = np.concatenate([near, kept, more])[:count]
    return x if asked.quantity == "forward" else x[~np.isin(x.astype(np.float64), kinks)]


def results(asked: Asked, right: Array, seed: int) -> Array:
    """Results to be judged: the right ones, numbers up to three away, and a few of any pattern or none."""
    form, random = asked.form, np.random.default_rng([seed, 2])
    steps = random.integers(-3, 4, len(right))
    keys = np.clip(form.keys(right) + steps, -form.infinity_key - 1, form.infinity_key)
    wild = np.flatnonzero(random.integers(0, _WILD, len(right)) == 0)
    half = 1 << (form.bits - 1)
    keys[wild] = random.choice([0, -1, form.infinity_key, -form.infinity_key - 1, half - 1], len(wild))
    anywhere = wild[::2]
    keys[anywhere] = random.integers(-form.infinity_key - 1, form.infinity_key + 1, len(anywhere))
    return form.values(keys)


def differing_values(
    asked: Asked, x: Array, got: Array, near_ties: list[float] | None = None
) -> Iterator[str]:
    """Where correctly rounded values are not mpmath's, rounded.

    Inputs whose values are too close to a tie for mpmath's bits are added to ``near_ties``: there either
    neighbour counts as mpmath's.
    """
    for at, y in zip(x.astype(np.float64).tolist(), got.astype(np.float64).tolist(), strict=True):
        wanted = roundings(asked.bound, asked.quantity, asked.form, at)
        if near_ties is not None and len(wanted) > 1:
            near_ties.append(at)
        if y not in wanted:
            yield f"{asked} at {at.hex()}: {y.hex()}, not {' or '.join(one.hex() for one in wanted)}"


def differing_errors(asked: Asked, x: Array, y: Array) -> Iterator[str]:
    """Where errors and classes of results are not those that the second judge finds."""
    plain, scaled = (
        actcheck.ulp_error(y, asked.spec, x, asked.quantity, scaled=s, **asked.given) for s in (False, True)
    )
    for at, truth in enumerate(_truths(asked, x, y)):
        told = {name: bool(getattr(plain, name)[at]) for name in truth.flags}
        errors = float(plain.error[at]), float(scaled.error[at])
        if told != truth.flags or not all(map(_is_close, errors, truth.errors)):
            yield f"{asked} at {float(x[at]).hex()}, {float(y[at]).hex()}: {told}, {errors}, not {truth}"


@dataclass(frozen=True)
class _Truth:
    """What `actcheck.ulp_error` must say of one result."""

    flags: dict[str, bool]
    #: The error and the scaled error, between two numbers each.
    errors: tuple[tuple[float, float], tuple[float, float]]


_CLASSES = ("wrong_nan", "wrong_infinity", "wrong_zero_sign", "lost_to_zero")
_NEVER = (np.inf, np.inf)


def _truths(asked: Asked, x: Array, y: Array) -> Iterator[_Truth]:
    """float64's one by one, and those of the other formats together."""
    if asked.form.name == "float64":
        for at, result in zip(x.tolist(), y.tolist(), strict=True):
            one = judge_one(asked.bound, asked.quantity, asked.form, at, result)
            flags = {name: one.wrong == name for name in _CLASSES}
            flags |= {"correctly_rounded": one.correct, "faithful": one.faithful}
            yield _truth(flags, one.error, one.scaled)
        return
    found = judge(exactly(asked.bound, asked.quantity, x.astype(np.float64)), asked.form, x, y)
    for at in range(len(x)):
        yield _of_judgement(found, at)


def _of_judgement(found: Judgement, at: int) -> _Truth:
    flags = {name: bool(found.classes[name][at]) for name in _CLASSES}
    flags |= {"correctly_rounded": bool(found.correct[at]), "faithful": bool(found.faithful[at])}
    error = float(found.low[at]), float(found.high[at])
    return _truth(flags, error, (float(found.scaled_low[at]), float(found.scaled_high[at])))


def _truth(flags: dict[str, bool], *errors: tuple[float, float]) -> _Truth:
    none = flags["wrong_nan"] or flags["wrong_infinity"]
    plain, scaled = (_NEVER, _NEVER) if none else errors
    return _Truth(flags, (plain, scaled))


def _is_close(told: float, real: tuple[float, float]) -> bool:
    low, high = real
    return told == high if np.isinf(high) else low <= told <= high * (1 + _SHARE) + _UNITS
