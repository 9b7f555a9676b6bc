"""Grades, profiles and budgets: what a verdict amounts to. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from actcheck.conformance.model import Grade, Profile
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.verdict import Verdict
from actcheck.reference.specification.model import Spec

#: From the best to the worst.
GRADES: tuple[Grade, ...] = ("exact", "faithful", "tight", "budget", "scaled", "loose")
#: An error of so many ULP is tight, where the budget allows as much.
TIGHT = 4.0
#: Computing in float32 and rounding once stays below it, whatever the definition.
NARROW_BUDGET = 1.0
#: An error of so many scaled ULP passes the standard profile, where the ULP budget allows as much.
SCALED_BUDGET = 4.0

_PASSING: dict[Profile, tuple[Grade, ...]] = {"strict": GRADES[:4], "standard": GRADES[:5]}


def budget(spec: Spec, quantity: str, format_name: str) -> float:
    """The ULP that a result may be off; formats of 16 bits get at most 1."""
    allowed = spec.accuracy[quantity].ulp
    return min(allowed, NARROW_BUDGET) if FORMATS[format_name].bits <= 16 else allowed


@dataclass(frozen=True)
class Tolerance:
    """How far the results of a quantity may be off in one format."""

    #: In ULP of the exact value.
    ulp: float
    #: In scaled ULP, under the standard profile; None where there is no scale.
    scaled: float | None = None

    def exceeded(self, profile: Profile, error: Any, scaled: Any) -> Any:
        """Whether results with these errors and scaled errors (numbers, or arrays alike) are beyond it."""
        beyond = error > _granted(self.ulp)
        if profile == "strict" or self.scaled is None:
            return beyond
        return beyond & (scaled > _granted(self.scaled))

    def rounded_again(self) -> Tolerance:
        """The same for products with an upstream, which are rounded once more; those of 0 or 1 are not."""
        if not self.ulp:
            return self
        return Tolerance(self.ulp + 1, None if self.scaled is None else self.scaled + 1)


def _granted(budget: float) -> float:
    """A faithful result is within every budget: its error is less than 1."""
    return max(budget, 1.0 - 2.0**-53)


def tolerance(spec: Spec, quantity: str, format_name: str) -> Tolerance:
    """The budgets of a quantity in a format; the scaled one is never more than that in ULP."""
    allowed = budget(spec, quantity, format_name)
    return Tolerance(allowed, min(SCALED_BUDGET, allowed) if spec.has_scale(quantity) else None)


def grade(verdict: Verdict, allowed: Tolerance) -> Grade:
    """The grade of the largest errors, by the upper ends of their enclosures: none is given unproven.

    ``exact`` and ``faithful`` speak of all results, and a wrong NaN, infinity or zero sign is neither. Such
    results have no finite error; the other grades are those of the rest. An infinite maximum is loose.
    """
    error, scaled = verdict.max_ulp[1], verdict.max_scaled_ulp[1]
    if not isfinite(error):
        return "loose"
    if verdict.not_correctly_rounded == 0 and error <= 0.5:
        return "exact"
    if verdict.not_faithful == 0 and error <= 1:
        return "faithful"
    if error <= min(TIGHT, allowed.ulp):
        return "tight"
    if error <= allowed.ulp:
        return "budget"
    return "scaled" if allowed.scaled is not None and scaled <= allowed.scaled else "loose"


def passes(grade: Grade, profile: Profile) -> bool:
    """Whether a profile is content with a grade."""
    return grade in _PASSING[profile]
