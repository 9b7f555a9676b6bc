"""What a quantity is multiplied by: numbers of both signs and of every size that a format holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker, calling
from actcheck.conformance.checks.parts.shared.bit_comparison import probes
from actcheck.conformance.checks.parts.shared.forms import LENGTH
from actcheck.conformance.judging import grading
from actcheck.conformance.model import Context, Profile, Question
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.number_models import current
from actcheck.reference.judging.points import Points
from actcheck.reference.specification.binding import bind, kinks_at

Array = NDArray[Any]
#: So far below the smallest normal number, and so many binades below infinity: no slope is as large.
_BELOW, _ABOVE = 4, 1
#: Binades of the largest and of the smallest factors.
_END = 8


@dataclass(frozen=True)
class Factors:
    """Inputs at which the quantity is right, and what to multiply it by; at least `LENGTH` of them."""

    x: Array
    numbers: Array

    @classmethod
    def of(cls, asker: Asker, context: Context) -> Factors | None:
        """Inputs of every size by chance; None where the quantity is right nowhere.

        Where it is wrong for a factor of one, that is told already, and a product says nothing new.
        """
        question, form = asker.question, FORMATS[asker.question.format]
        random = np.random.default_rng([context.seed, form.bits])
        x = random.permutation(probes(question, context.seed))
        with calling("a call for an upstream of ones"):
            right, faint, vast = _known(question, context.profile, x, asker.points(x))
        right &= ~np.isnan(x)
        if not right.any():
            return None
        count = max(int(right.sum()), LENGTH)
        x, faint, vast = (np.resize(values[right], count) for values in (x, faint, vast))
        ordinary = np.isfinite(x) & (x != 0) & ~np.isin(x, kinks_at(question.spec, question.variant))
        powers = [_anywhere(form, random, count)]
        powers += [random.integers(*end, int(ordinary.sum())) for end in _ends(form)]
        x, faint, vast = (np.concatenate([v, *(v[ordinary] for _ in _ends(form))]) for v in (x, faint, vast))
        # A product with 0.6, mish's slope at 0, may lie just between two numbers.
        plain = _taken_for_zero(form, x) | (question.quantity != "gradient") | (form.bits == 64)
        numbers = _numbers(random, np.concatenate(powers), plain)
        # A slope that is held as a subnormal number has lost digits, which a large factor would show.
        numbers = np.where(faint & (np.abs(numbers) > 1), np.sign(numbers), numbers)
        # One beyond the format is infinite, whatever small factor would bring the product back.
        numbers = np.where(vast & (np.abs(numbers) < 1), np.sign(numbers), numbers)
        numbers = numbers.astype(form.dtype)
        return cls(*(np.resize(v, asker.block or len(v)) for v in (x, numbers)))


def _taken_for_zero(form: Format, x: Array) -> Array:
    """Zeros, and what the current number model takes for them as well."""
    least = form.smallest_normal if current().flush_inputs else form.smallest
    return np.asarray(np.abs(x.astype(np.float64)) < least)


def _anywhere(form: Format, random: np.random.Generator, count: int) -> Array:
    """Exponents of all sizes, those of a third near that of one; the first few are the smallest."""
    powers = random.integers(form.emin - _BELOW, form.emax - _ABOVE, count)
    powers[:_BELOW] = np.arange(form.emin - _BELOW, form.emin)
    near = np.arange(count) % 3 == _BELOW % 3
    near[:_BELOW] = False
    return np.where(near, random.integers(-2, 3, count), powers)


def _ends(form: Format) -> list[tuple[int, int]]:
    """Ranges of exponents at both ends of the format; subnormal products of float64 are judged slowly."""
    largest = form.emax - _ABOVE - _END, form.emax - _ABOVE
    smallest = form.emin - _BELOW, form.emin - _BELOW + _END
    return [largest] if form.bits == 64 else [largest, smallest]


def _numbers(random: np.random.Generator, powers: Array, plain: Array) -> Array:
    """Numbers of either sign, powers of two where they are ``plain``."""
    digits = np.where(plain, 1.0, random.uniform(1, 2, len(powers)))
    return random.choice([-1.0, 1.0], len(powers)) * np.ldexp(digits, powers)


def _known(question: Question, profile: Profile, x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Where results for a factor of one are right; subnormal, or 0 and not exact; and infinite."""
    form = FORMATS[question.format]
    points = Points.of(bind(question.spec, question.variant), question.quantity, form, x, y)
    allowed = grading.tolerance(question.spec, question.quantity, form.name)
    right: Array = ~allowed.exceeded(profile, points.high, points.scaled_high)
    for hit in points.classes.values():
        right &= ~hit
    faint = (np.abs(points.y) < form.smallest_normal) & (points.high > 0)
    return right, faint, np.isinf(points.y)
