"""The reference of record, mpmath, against python-flint's Arb: two independent evaluations of every spec."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from actcheck.conformance.sampling import places
from actcheck.reference.evaluation import mp
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.pointwise import exact
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import ORDERS, bind
from actcheck.reference.specification.model import Spec
from tests.support.thorough import one_in

SPECS = [s for s in loading.load_all().values() if s.elementwise]
#: With three quantities more than a thousand points for each specification.
POINTS = 360


@pytest.mark.parametrize("spec", one_in(4, SPECS), ids=lambda s: s.id)
def test_mpmath_lies_in_arbs_enclosure(spec: Spec) -> None:
    bound = bind(spec, spec.default)
    form = FORMATS["float64"]
    x = places.stratified(form, [], 7, POINTS)
    x = x[np.isfinite(x)]
    middle = np.random.default_rng(3).normal(0, 3, POINTS)
    judged = 0
    for quantity in ORDERS:
        for point in (*x[:: max(1, len(x) // POINTS)].tolist(), *middle.tolist()):
            if quantity != "forward" and bound.select(Fraction(point)) != bound.select(
                Fraction(point) + Fraction(1, 2**1200)
            ):
                continue  # on a kink Arb encloses both derivatives
            found = exact(bound, quantity, point)
            assert isinstance(found, tuple)
            low, high = found
            value = mp.to_fraction(bound.exact(quantity, Fraction(point)))
            slack = max(abs(low), abs(high)) * Fraction(1, 2**90) + Fraction(1, 2**1150)
            assert low - slack <= value <= high + slack, (quantity, point)
            judged += 1
    assert judged >= 1000
