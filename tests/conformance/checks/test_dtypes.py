"""Types of inputs: wrong integers, booleans, complex numbers and formats are caught; refusals are noted."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.support.asked_questions import finding, questions, whats
from tests.support.faults.planted import Planted
from tests.support.faults.planted_questions import Case, Lenient

FAULTS: dict[str, Case] = {
    "parameters cut off": (
        Lenient(
            "threshold", lambda x, p: np.where(x > int(p["threshold"]), x, int(p["value"])).astype(x.dtype)
        ),
        "dtypes-threshold-threshold=0.5,value=0.25-any-forward",
        "wrong:int8",
    ),
    "wraps around": (
        Lenient("softsign", lambda x, p: (x / (np.abs(x) + x.dtype.type(1))).astype(np.float32)),
        "dtypes-softsign-default-any-forward",
        "wrong:int16",
    ),
    "truncated results": (
        Lenient("sigmoid", lambda x, p: np.zeros_like(x)),
        "dtypes-sigmoid-default-any-forward",
        "wrong:uint8",
    ),
    "by way of float64": (
        Lenient("relu", lambda x, p: np.maximum(x.astype(np.float64), 0).astype(x.dtype)),
        "dtypes-relu-default-any-forward",
        "wrong:int64",
    ),
    "a boolean's negation": (
        Lenient("relu", lambda x, p: ~x if x.dtype == bool else np.maximum(x, 0)),
        "dtypes-relu-default-any-forward",
        "wrong:bool",
    ),
    "the imaginary part": (
        Lenient("tanh", lambda x, p: np.tanh(x) + 1j if x.dtype.kind == "c" else np.tanh(x)),
        "dtypes-tanh-default-any-forward",
        "wrong:complex64",
    ),
    "the modulus of a complex number": (
        Lenient("relu", lambda x, p: np.abs(x) if x.dtype.kind == "c" else np.maximum(x, 0)),
        "dtypes-relu-default-any-forward",
        "wrong:complex128",
    ),
    "another format": (
        Planted("mish", lambda x, y, p: y.astype(np.float32)),
        "dtypes-mish-default-any-forward",
        "format:bfloat16",
    ),
    "another format of the gradient": (
        Planted("mish", gradient=lambda x, y, p: y.astype(np.float64)),
        "dtypes-mish-default-any-forward",
        "format:float16",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(name: str) -> None:
    adapter, identity, what = FAULTS[name]
    assert what in whats(finding(identity, adapter))


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
    def by_float(x: np.ndarray, parameters: object) -> np.ndarray:
        if x.dtype.kind == "c":
            return np.asarray(np.tanh(x))
        return np.tanh(x.astype(np.float64)).astype(np.float32)

    found = finding("dtypes-tanh-default-any-forward", Lenient("tanh", by_float))
    assert found.faults == ()
    assert found.notes["results"]["int64"] == "float32"
    assert found.notes["results"]["complex64"] == "complex64"


def test_the_message_tells_input_result_and_what_is_expected() -> None:
    adapter, identity, _ = FAULTS["parameters cut off"]
    found = finding(identity, adapter)
    (fault,) = (f for f in found.faults if f.what == "wrong:uint8")
    assert fault.message == "wrong:uint8: x = 0: got 0, expected 0.25, which is no integer, or an error"
    assert fault.inputs == ((0.0, 0.0),)
    assert fault.size == 1


def test_a_few_wrong_inputs_are_listed_one_by_one() -> None:
    adapter, identity, _ = FAULTS["wraps around"]
    (fault,) = (f for f in finding(identity, adapter).faults if f.what == "wrong:int8")
    assert fault.inputs == ((-128.0, -128.0), (-127.0, -127.0), (127.0, 127.0))
    assert fault.message.startswith("wrong:int8: as float32: x = -0x1p+7 (-128): got ")


def test_results_that_are_no_array_of_the_shape_are_faults() -> None:
    for given in ([1, 2], np.zeros(3, np.int8), np.array(["a"] * 99)):
        found = finding("dtypes-relu-default-any-forward", Lenient("relu", lambda x, p, given=given: given))
        assert "wrong:int8" in whats(found)
