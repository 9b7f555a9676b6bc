"""Every check, in the order of a report."""

from __future__ import annotations

from actcheck.conformance.checks.accuracy import Accuracy
from actcheck.conformance.checks.attention import AttentionForms
from actcheck.conformance.checks.consistency import Consistency
from actcheck.conformance.checks.defaults import Defaults
from actcheck.conformance.checks.dtypes import Dtypes
from actcheck.conformance.checks.in_place import InPlaceForms
from actcheck.conformance.checks.kinks import Kinks
from actcheck.conformance.checks.module_form import ModuleForm
from actcheck.conformance.checks.properties import Properties
from actcheck.conformance.checks.randomness import Randomness
from actcheck.conformance.checks.refused_parameters import RefusedParameters
from actcheck.conformance.checks.shapes import Shapes
from actcheck.conformance.checks.special_values import SpecialValues
from actcheck.conformance.checks.structure import Structure
from actcheck.conformance.model import Check

CHECKS: tuple[Check, ...] = (
    Accuracy(),
    SpecialValues(),
    Kinks(),
    Defaults(),
    RefusedParameters(),
    Dtypes(),
    Properties(),
    Shapes(),
    Consistency(),
    InPlaceForms(),
    ModuleForm(),
    AttentionForms(),
    Randomness(),
    Structure(),
)
