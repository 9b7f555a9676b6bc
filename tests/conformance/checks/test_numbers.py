"""Where numbers are asked: every binade, beside thresholds, off the real axis."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.conformance.checks.parts.dtypes import off_axis
from actcheck.conformance.sampling import places
from actcheck.reference.evaluation.complex_balls import limit_at, value_at
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.binding import bind, kinks_at
from actcheck.reference.specification.loading import load_all
from actcheck.reference.specification.telling import definition_thresholds, telling_inputs
from tests.support.asked_questions import finding, questions
from tests.support.faults.planted_questions import Lenient

SPECS = load_all()


@pytest.mark.parametrize(
    ("activation", "form", "numbers"),
    [
        ("sigmoid", "float32", (88.7228, -88.7228, 103.9721, 17.3287)),
        ("sigmoid", "float64", (709.7827, -709.7827, 745.1332, 37.4299)),
        ("tanh", "float32", (9.0109, -9.0109)),
        ("elu", "float32", (-103.9721, -17.3287)),
        ("gelu", "float32", (-5.42, -13.2160)),
    ],
)
def test_thresholds_come_from_the_definition(activation: str, form: str, numbers: tuple[float, ...]) -> None:
    spec = SPECS[activation]
    found = np.array(definition_thresholds(bind(spec, spec.default), FORMATS[form]))
    for number in numbers:
        assert np.abs(found - number).min() < 2e-3, number


def test_thresholds_move_with_the_parameters() -> None:
    spec = SPECS["celu"]
    halved = next(v for v in spec.variants if v.label == "alpha=0.5")
    form = FORMATS["float32"]
    own, default = (definition_thresholds(bind(spec, v), form) for v in (halved, spec.default))
    np.testing.assert_allclose(np.array(own), np.array(default) / 2)


def test_lines_have_no_thresholds() -> None:
    spec = SPECS["leaky_relu"]
    assert definition_thresholds(bind(spec, spec.default), FORMATS["float64"]) == ()
    assert telling_inputs(spec, spec.default, FORMATS["float64"]) == kinks_at(spec, spec.default)


@pytest.mark.parametrize(("name", "count"), [("float32", 20_000), ("float64", 200_000)])
def test_every_binade_of_either_sign_is_asked_at_quick(name: str, count: int) -> None:
    form = FORMATS[name]
    x = places.stratified(form, [], 0, count).astype(np.float64)
    for side in (x[x > 0], -x[x < 0]):
        exponents = np.frexp(side[np.isfinite(side)])[1] - 1
        assert set(exponents) == set(range(form.emin - form.precision + 1, form.emax + 1))


def test_a_complex_value_is_that_of_the_continuation() -> None:
    spec = SPECS["sigmoid"]
    node = bind(spec, spec.default).pieces[0].value
    found = value_at(node, -1.5, 2.0)
    assert found is not None
    want = 1 / (1 + np.exp(1.5 - 2j))
    assert complex(float(found[0]), float(found[1])) == pytest.approx(want, rel=1e-15)
    assert [limit_at(node, sign, 2.0) for sign in (-1, 1)] == [0, 1]


@pytest.mark.parametrize("sign", [-1, 1])
def test_what_grows_has_no_limit(sign: int) -> None:
    spec = SPECS["tanhshrink"]
    assert limit_at(bind(spec, spec.default).pieces[0].value, sign, 1.0) is None


def test_definitions_in_cases_are_not_asked_off_the_axis() -> None:
    asked = {
        question.activation
        for question in questions("dtypes", "full")
        if question.spec.elementwise and question.variant.label == "default"
        if len(off_axis.points("complex64", question))
    }
    assert asked == {
        *("sigmoid", "tanh", "silu", "tanhshrink", "logsigmoid", "gelu", "mish"),
        *("quick_gelu", "softcap"),
    }


def test_a_right_complex_backend_passes() -> None:
    def tanh(x: np.ndarray, parameters: object) -> np.ndarray:
        if x.dtype.kind != "c":
            raise TypeError(x.dtype)
        return np.tanh(x)

    assert finding("dtypes-tanh-default-any-forward", Lenient("tanh", tanh), level="quick").faults == ()
