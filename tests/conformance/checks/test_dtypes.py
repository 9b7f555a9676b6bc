"""Types of inputs: wrong integers, booleans, complex numbers and formats are caught; refusals are noted."""

from __future__ import annotations

import numpy as np

from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.support.asked_questions import finding, questions, whats
from tests.zoo.collection import find
from tests.zoo.kinds.calls.types import Lenient


def test_a_right_backend_passes_every_question() -> None:
    for question in questions("dtypes", "full"):
        assert finding(question.id, NumpyAdapter()).faults == (), question.id


def test_exact_integers_pass_and_what_is_refused_is_noted() -> None:
    found = finding("dtypes-relu6-default-any-forward", NumpyAdapter())
    assert found.faults == ()
    assert found.notes["results"] == {n: n for n in ("int8", "uint8", "int16", "int32", "int64")}
    assert set(found.notes["refused"]) == {"bool", "complex64", "complex128"}
    assert found.notes["refused"]["bool"].startswith("TypeError: ")


def test_parameters_without_an_integer_answer_may_be_refused() -> None:
    found = finding("dtypes-threshold-threshold=0.5,value=0.25-any-forward", NumpyAdapter())
    assert found.faults == ()
    assert "integer arrays need an integer" in found.notes["refused"]["int32"]
    assert found.message == "integers, booleans and complex numbers are refused"


def test_floats_for_integers_pass_where_they_are_the_definition() -> None:
    def by_float(x: np.ndarray, **parameters: object) -> np.ndarray:
        if x.dtype.kind == "c":
            return np.asarray(np.tanh(x))
        return np.tanh(x.astype(np.float64)).astype(np.float32)

    found = finding("dtypes-tanh-default-any-forward", Lenient("tanh", by_float))
    assert found.faults == ()
    assert found.notes["results"]["int64"] == "float32"
    assert found.notes["results"]["complex64"] == "complex64"


def test_the_message_tells_input_result_and_what_is_expected() -> None:
    adapter = find("threshold: parameters cut off").make()
    found = finding("dtypes-threshold-threshold=0.5,value=0.25-any-forward", adapter)
    (fault,) = (f for f in found.faults if f.what == "wrong:uint8")
    assert fault.message == "wrong:uint8: x = 0: got 0, expected 0.25, which is no integer, or an error"
    assert fault.inputs == ((0.0, 0.0),)
    assert fault.size == 1


def test_a_few_wrong_inputs_are_listed_one_by_one() -> None:
    found = finding("dtypes-softsign-default-any-forward", find("softsign: abs(-128) wraps around").make())
    (fault,) = (f for f in found.faults if f.what == "wrong:int8")
    assert fault.inputs == ((-128.0, -128.0), (-127.0, -127.0), (127.0, 127.0))
    assert fault.message.startswith("wrong:int8: as float32: x = -0x1p+7 (-128): got ")


def test_results_that_are_no_array_of_the_shape_are_faults() -> None:
    for given in ([1, 2], np.zeros(3, np.int8), np.array(["a"] * 99)):
        found = finding("dtypes-relu-default-any-forward", Lenient("relu", lambda x, given=given, **_: given))
        assert "wrong:int8" in whats(found)


def test_a_call_that_breaks_down_has_refused_nothing() -> None:
    def broken(x: np.ndarray, **_: object) -> np.ndarray:
        if x.dtype == np.int16:
            return x.nothing  # type: ignore[no-any-return, attr-defined]
        raise TypeError(f"no {x.dtype}")

    found = finding("dtypes-relu-default-any-forward", Lenient("relu", broken))
    (fault,) = found.faults
    assert fault.what == "raised:int16"
    assert fault.message == (
        "raised: the call broke down with AttributeError: 'numpy.ndarray' object has no attribute 'nothing', "
        "expected a result or a refusal"
    )
    assert set(found.notes["refused"]) == {
        "int8",
        "uint8",
        "int32",
        "int64",
        "bool",
        "complex64",
        "complex128",
    }
