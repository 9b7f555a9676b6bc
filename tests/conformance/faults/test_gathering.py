"""Distinct faults: what belongs together, how much it matters, and how it is told."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.faults.distinct import distinct
from actcheck.conformance.faults.gathering import error_text, gathered, related
from actcheck.conformance.faults.kinds import kind_of
from actcheck.conformance.faults.regions import joined, region_of, touching
from actcheck.conformance.json_values import Hex
from actcheck.conformance.results.fault_records import DistinctFault, FaultRecord, RangeRecord
from actcheck.conformance.results.model import CheckRecord
from actcheck.reference.specification.loading import load_all
from tests.support.distinct_faults import asked, check
from tests.support.faults.planted_constants import TwoFaults

pytestmark = pytest.mark.xdist_group("gathering")

INF, NAN = math.inf, math.nan
SPECS = load_all()


@pytest.fixture(scope="module")
def records() -> list[CheckRecord]:
    return asked(TwoFaults(), "gelu", "mish")


def fault(what: str, *spans: tuple[float, float], known: str = "") -> FaultRecord:
    ranges = tuple(RangeRecord(Hex(low), Hex(high)) for low, high in spans)
    return FaultRecord(what=what, message=f"{what}: told", ranges=ranges, known=known)


def found(*checks: CheckRecord) -> tuple[DistinctFault, ...]:
    return distinct(checks, SPECS)


def test_two_planted_faults_are_told_as_two(records: list[CheckRecord]) -> None:
    values = [told for told in found(*records) if told.kind == "value"]
    assert [(told.activations, told.gravity) for told in values] == [
        (("gelu",), "ordinary"),
        (("mish",), "tail"),
    ]
    gelu, mish = values
    assert gelu.sentence.startswith("gelu (approximate=tanh): ")
    assert mish.sentence.startswith("mish: 0 where the answer is a normal number")
    assert "accuracy-mish-default-float32-forward" in mish.checks
    assert all("approximate=tanh" in identity for identity in gelu.checks)


def test_every_fault_of_a_check_is_in_one_group(records: list[CheckRecord]) -> None:
    groups = gathered(records, SPECS)
    seen = [(one.check.id, one.fault.what, one.fault.spans) for group in groups for one in group.seen]
    faults = [(record.id, fault.what, fault.spans) for record in records for fault in record.faults]
    assert sorted(seen, key=str) == sorted(faults, key=str)
    assert faults


def test_an_honest_backend_has_none() -> None:
    assert found(*asked(NumpyAdapter(), "softsign")) == ()


def test_nan_at_infinity_is_one_fault_whatever_the_check_and_activation() -> None:
    hit = fault("wrong_nan", (-INF, -INF))
    checks = [
        check("gelu", "accuracy", "float16", hit),
        check("gelu", "special_values", "float32", hit),
        check("silu", "accuracy", "float64", fault("wrong_nan", (-INF, -INF), (INF, INF))),
    ]
    (told,) = found(*checks)
    assert (told.gravity, told.activations, told.formats) == (
        "special",
        ("gelu", "silu"),
        ("float16", "float32", "float64"),
    )
    assert told.number == 1


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (("gelu", "forward", (-8.0, -5.0)), ("gelu", "forward", (-6.0, -4.0)), True),
        (("gelu", "forward", (-8.0, -5.0)), ("gelu", "forward", (2.0**90, 2.0**99)), False),
        (("gelu", "forward", (-8.0, -5.0)), ("gelu", "gradient", (-8.0, -5.0)), False),
        (("gelu", "forward", (-8.0, -5.0)), ("softsign", "forward", (-8.0, -5.0)), False),
        (("sigmoid", "forward", (-99.0, -88.0)), ("silu", "forward", (-99.0, -88.0)), True),
        (("elu", "gradient", (-8.0, -5.0)), ("celu", "gradient", (-8.0, -5.0)), True),
        (("elu", "gradient", (-8.0, -5.0)), ("sigmoid", "gradient", (-8.0, -5.0)), False),
    ],
)
def test_what_is_taken_for_one(
    first: tuple[str, str, tuple[float, float]], second: tuple[str, str, tuple[float, float]], one: bool
) -> None:
    checks = [
        check(name, "accuracy", form, fault("max_ulp", span), quantity=quantity)
        for form, (name, quantity, span) in zip(("float16", "float32"), (first, second), strict=True)
    ]
    assert len(found(*checks)) == (1 if one else 2)


def test_excused_and_standing_faults_are_told_apart() -> None:
    stands, known = fault("max_ulp", (1.0, 2.0)), fault("max_ulp", (1.0, 2.0), known="seen (why)")
    told = found(check("gelu", "accuracy", "float32", known), check("gelu", "accuracy", "float16", stands))
    assert [bool(one.known) for one in told] == [False, True]
    assert told[1].known == ("seen (why)",)


def test_the_serious_ones_come_first() -> None:
    checks = [
        check("gelu", "refused_parameters", "any", fault("accepted:approximate=1")),
        check("gelu", "special_values", "float32", fault("wrong_zero_sign", (-0.0, -0.0))),
        check("gelu", "special_values", "float16", fault("wrong_nan", (INF, INF))),
        check("gelu", "accuracy", "float64", fault("lost_to_zero", (-30.0, -20.0))),
        check("gelu", "accuracy", "float32", fault("max_ulp", (1.0, 2.0))),
    ]
    told = found(*checks)
    assert [one.gravity for one in told] == ["ordinary", "tail", "special", "sign", "parameter"]
    assert [one.number for one in told] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("what", "name", "kind"),
    [
        ("upstream:wrong_nan", "accuracy", "nan"),
        ("upstream:infinite", "special_values", "special_upstream"),
        ("slice:max_ulp", "in_place", "value"),
        ("differs:length:nan", "consistency", "bits"),
        ("differs", "module_form", "module"),
        ("wrong:int8", "dtypes", "dtype"),
        ("missing:alpha", "defaults", "default"),
        ("accepted_by_module:alpha=nan", "refused_parameters", "accepted"),
        ("never heard of", "accuracy", "other"),
    ],
)
def test_kinds(what: str, name: str, kind: str) -> None:
    assert kind_of(check("elu", name, "float32"), fault(what)) == kind


@pytest.mark.parametrize(
    ("what", "name", "told"),
    [
        ("lost_to_zero:rows", "accuracy", "0 where the answer is a normal number"),
        ("upstream:wrong_infinity", "accuracy", "infinite where the answer is finite"),
        ("accepted:shape=(3, 4),dim=0", "structure", "accepted: shape=(3, 4)"),
        ("accepted:alpha=nan", "refused_parameters", "accepted: alpha=nan"),
    ],
)
def test_sentences(what: str, name: str, told: str) -> None:
    (one,) = found(check("softmax", name, "float32", fault(what)))
    assert one.sentence == f"softmax: {told}"


def test_an_exception_is_told_in_a_line_of_its_own_words() -> None:
    def sentence(message: str) -> str:
        raised = FaultRecord(what="raised", message=message)
        (one,) = found(check("elu", "accuracy", "float32", raised))
        return one.sentence

    place = "backend error: TypeError: elu() got an unexpected keyword argument 'x' (a/b.py:7)\nmore"
    assert sentence(place.partition("\n")[0]) == (
        "elu: the call fails: TypeError: elu() got an unexpected keyword argument 'x'"
    )
    assert "more" not in sentence(place)
    long = sentence(f"backend error: ValueError: {'many words ' * 30}")
    assert long.endswith("…")
    assert len(long) < 160


def test_an_exception_is_known_by_its_text_without_numbers() -> None:
    first = "x: raised RuntimeError: value 1e+30 does not fit, expected a result"
    assert error_text(first) == "RuntimeError: value # does not fit, expected a result"
    assert error_text(first) == error_text(first.replace("1e+30", "7"))
    assert error_text("nothing like it") == "nothing like it"


def test_an_activation_that_nobody_knows_is_related_to_itself() -> None:
    assert related(None, "mine") == "mine"
    assert related(SPECS["sigmoid"], "sigmoid") == related(SPECS["silu"], "silu")


@pytest.mark.parametrize(
    ("spans", "region"),
    [
        ([], "unknown"),
        ([(NAN, NAN)], "nan"),
        ([(NAN, NAN), (INF, INF)], "infinity"),
        ([(-INF, -INF)], "infinity"),
        ([(-INF, -90.0)], "tail"),
        ([(-INF, -9.0)], "ordinary"),
        ([(0.0, 0.0)], "tail"),
        ([(1e-30, 1e-29), (1.0, 1.0)], "ordinary"),
        ([(-1e30, 1e30)], "ordinary"),
    ],
)
def test_regions(spans: list[tuple[float, float]], region: str) -> None:
    assert region_of(spans) == region


def test_touching_is_a_matter_of_binades() -> None:
    near, beside, far = [(1.0, 2.0)], [(16.0, 20.0)], [(2.0**40, 2.0**41)]
    assert touching([near, far, beside]) == [[0, 2], [1]]
    assert touching([near, [(-2.0, -1.0)]]) == [[0], [1]]
    assert touching([near, far, [(1.5, 1.5), (2.0**40, 2.0**40)]]) == [[0, 1, 2]]
    assert touching([]) == []


SPANS = st.lists(
    st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)).map(lambda p: (min(p), max(p))),
    max_size=9,
)


@given(SPANS, st.sampled_from([0.0, 4.0]))
def test_joined_ranges_cover_and_lie_apart(spans: list[tuple[float, float]], gap: float) -> None:
    made = joined(spans, gap)
    assert all(any(low <= a and b <= high for low, high in made) for a, b in spans)
    assert all(a[1] < b[0] for a, b in pairwise(made))
    ends = {end for span in spans for end in span}
    assert all(end in ends for span in made for end in span)
