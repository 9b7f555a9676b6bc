"""Grades, profiles and budgets: what a verdict amounts to. Pure functions."""

from __future__ import annotations

import math

from actcheck.conformance.model import Grade, Profile
from actcheck.reference.formats import FORMATS
from actcheck.reference.spec import Spec
from actcheck.reference.verdict import Verdict

#: From the best to the worst.
GRADES: tuple[Grade, ...] = ("exact", "faithful", "tight", "budget", "scaled", "loose")
#: An error of so many ULP is tight, where the budget allows as much.
TIGHT = 4.0
#: Computing in float32 and rounding once stays below it, whatever the definition.
NARROW_BUDGET = 1.0
#: Classes that no profile passes.
ALWAYS_WRONG = ("wrong_nan", "wrong_infinity", "wrong_zero_sign")

_PASSING: dict[Profile, tuple[Grade, ...]] = {"strict": GRADES[:4], "standard": GRADES[:5]}


def budget(spec: Spec, quantity: str, format_name: str) -> float:
    """The ULP that a result may be off (see design, Grade); formats of 16 bits get at most 1."""
    allowed = spec.accuracy[quantity].ulp
    return min(allowed, NARROW_BUDGET) if FORMATS[format_name].bits <= 16 else allowed


def grade(verdict: Verdict, budget: float) -> Grade:
    """The grade of the finite errors. An error counts as beyond a bound only where that is proven.

    Wrong NaNs, infinities and zero signs have no finite error: they are told apart, as classes.
    """
    error, scaled = verdict.max_ulp[0], verdict.max_scaled_ulp[0]
    if math.isinf(verdict.max_ulp[1]):
        return "loose"  # nothing is known of how far a result is off
    infinite = _count(verdict, "wrong_nan") + _count(verdict, "wrong_infinity")
    if verdict.not_correctly_rounded == infinite + _count(verdict, "wrong_zero_sign"):
        return "exact"
    if verdict.not_faithful == infinite:
        return "faithful"
    if error <= min(TIGHT, budget):
        return "tight"
    if error <= budget:
        return "budget"
    return "scaled" if scaled <= budget else "loose"


def _count(verdict: Verdict, name: str) -> int:
    return verdict.classes[name].count if name in verdict.classes else 0


def passes(grade: Grade, profile: Profile) -> bool:
    """Whether a profile is content with a grade."""
    return grade in _PASSING[profile]


def wrong_classes(profile: Profile) -> tuple[str, ...]:
    """The classes of answers that a profile does not pass."""
    return (*ALWAYS_WRONG, "lost_to_zero") if profile == "strict" else ALWAYS_WRONG
