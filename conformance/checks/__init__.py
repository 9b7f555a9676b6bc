"""Every check, in the order of a report."""

from __future__ import annotations

from actcheck.conformance.checks.accuracy import Accuracy
from actcheck.conformance.checks.attention import Attention
from actcheck.conformance.checks.defaults import Defaults
from actcheck.conformance.checks.randomness import Randomness
from actcheck.conformance.checks.special_values import SpecialValues
from actcheck.conformance.checks.structured import Structure
from actcheck.conformance.model import Check

CHECKS: tuple[Check, ...] = (Accuracy(), SpecialValues(), Defaults(), Attention(), Randomness(), Structure())
