"""Vectors as the tests that ONNX's own test runner loads: a model, an input and an output each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from actcheck.adapters.base import Unsupported
from actcheck.conformance.vectors.made import Vectors
from actcheck.conformance.writing import write_whole
from actcheck.reference.formats import FORMATS

#: The folder of the tests: what ONNX's loader calls their kind.
KIND = "actcheck"


def write_tests(folder: Path, made: Iterable[Vectors], adapter: Any) -> tuple[int, dict[str, str]]:
    """Write ``actcheck/test_NAME/model.onnx`` and so on, of the models of an adapter of ONNX.

    Returns the number of vectors, and why there is no model, by name. Raises OSError.
    """
    count, left = 0, {}
    for vectors in made:
        model = adapter.exported(vectors.spec.id, vectors.format, 1, vectors.variant.parameters)
        if isinstance(model, Unsupported):
            left[vectors.name] = model.reason
        else:
            _write(folder / KIND / f"test_{vectors.name}", model, vectors)
            count += len(vectors.x)
    return count, left


def _write(folder: Path, model: bytes, vectors: Vectors) -> None:
    data = folder / "test_data_set_0"
    data.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "model.onnx", model)
    # The runner compares with these; the loosest of what the budget allows.
    form, budget = FORMATS[vectors.format], vectors.about["budget"]
    unit = 2.0 ** (1 - form.precision)
    close = {"rtol": max(budget["ulp"], 1) * unit, "atol": float(form.smallest_normal)}
    write_whole(folder / "data.json", json.dumps({**close, **vectors.about}, indent=1) + "\n")
    to_tensor = import_module("onnx.numpy_helper").from_array
    for file, name, array in (("input_0", "x", vectors.x), ("output_0", "y", vectors.expected)):
        tensor = to_tensor(np.ascontiguousarray(array), name)
        write_whole(data / f"{file}.pb", tensor.SerializeToString())
