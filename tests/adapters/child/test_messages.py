"""The messages as they are documented, and as the schema holds them."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from actcheck.adapters.child import messages
from actcheck.adapters.child.hello import Hello
from actcheck.adapters.child.messages import MessageError
from tests.support.folders import ROOT

DOCUMENTED = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "protocol.md").read_text("utf-8"), re.DOTALL)
SCHEMA = json.loads(messages.SCHEMA.read_text("utf-8"))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", DOCUMENTED)
def test_every_documented_message_is_valid(text: str) -> None:
    message = json.loads(text)
    Draft202012Validator(SCHEMA).validate(message)
    if message["message"] in messages.REPLIES or "activations" in message:
        assert messages.parsed(text.replace("\n", "").encode(), [message["message"]]) == message


def test_every_message_is_documented() -> None:
    said = [json.loads(text) for text in DOCUMENTED]
    assert {m["message"] for m in said} == {"hello", "call", *messages.REPLIES}
    assert sum(m["message"] == "hello" for m in said) == 2
    assert len(said) == len(SCHEMA["oneOf"])


@pytest.mark.parametrize(
    "array",
    [
        np.float32(1.5) * np.ones(()),
        np.zeros((2, 0, 3), np.float16),
        np.arange(12.0).reshape(3, 4)[::-1, ::2],
        np.ones(3, ml_dtypes.bfloat16),
        np.array([True, False]),
        np.ones((2, 2), np.complex64).T,
        np.arange(5, dtype=np.int8),
    ],
    ids=lambda a: f"{a.dtype}-{a.shape}",
)
def test_calls_are_valid_and_hold_the_arrays(array: np.ndarray[Any, Any]) -> None:
    parameters = {"alpha": np.float64(0.1), "low": -math.inf, "word": "tanh", "weight": np.array([2.0])}
    line, arrays = messages.call(3, "gradient", "relu", parameters, {"x": array, "upstream": array})
    message = json.loads(line)
    Draft202012Validator(SCHEMA).validate(message)
    assert message["parameters"] == {"alpha": 0.1, "low": "-inf", "word": "tanh"}
    assert [a["name"] for a in message["arrays"]] == ["x", "upstream", "weight"]
    for told, sent in zip(message["arrays"], arrays, strict=True):
        assert messages.bytes_of(sent).nbytes == messages.size(told["format"], told["shape"])
    made = messages.room(message["arrays"][0]["format"], message["arrays"][0]["shape"])
    messages.bytes_of(made)[:] = messages.bytes_of(arrays[0])
    assert (made.dtype, made.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(made, array)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"", "what is no message: ''"),
        (b"\xff\x00", "what is no message: '\\xff\\x00'"),
        (b'"hello"', "what is no message: '\"hello\"'"),
        (b'{"id": 1}', "what is no message"),
        (b'{"message": []}', "wrote the message '[]', expected ok"),
        (
            b'{"message": "ok", "id": 1, "format": "float32"}',
            "bad message ok: 'shape' is a required property",
        ),
        (
            b'{"message": "ok", "id": 0, "format": "float32", "shape": []}',
            "bad message ok: id: 0 is less than",
        ),
        (
            b'{"message": "error", "id": 1, "reason": "", "more": 1}',
            "bad message error: Additional properties",
        ),
        (b'{"message": "refused", "id": 1e999, "reason": ""}', "bad message refused: id: inf is not of type"),
        (b"9" * 10_000, "what is no message: '99"),
    ],
)
def test_what_is_no_message_is_told(line: bytes, told: str) -> None:
    with pytest.raises(MessageError) as error:
        messages.parsed(line, messages.REPLIES)
    assert told in str(error.value)
    assert len(str(error.value)) < 400


def test_hello_says_what_is_computed() -> None:
    said = Hello(json.loads(next(text for text in DOCUMENTED if "activations" in text)))
    assert said.lacks("forward", "softplus", "float32", {"beta": 2.0, "threshold": math.inf}) is None
    other = said.lacks("forward", "softplus", "float32", {"beta": 2.0, "threshold": 20.0})
    assert other is not None
    assert other.reason == "the softplus of my-kernels is built for threshold = inf alone"
    assert said.lacks("second_derivative", "relu", "float64", {}) is None
    for words in (("forward", "tanh", "float64"), ("second_derivative", "tanh", "float32")):
        assert said.lacks(*words, {}) is not None
    assert said.time_limit(1000) == 61


def test_keys_of_a_program_are_told_without_what_moves_a_terminal() -> None:
    told = {"message": "hello", "protocol": 1, "name": "n", "version": "1", "formats": ["float32"]}
    told |= {"quantities": ["forward"], "activations": {"relu": {}}, "details": {"a\x1b[2J\u202e": []}}
    line = json.dumps(told).encode()
    with pytest.raises(MessageError) as error:
        messages.parsed(line, ("hello",))
    assert "details.a\\x1b[2J\\u202e: [] is not of type" in str(error.value)
    assert str(error.value).isprintable()
