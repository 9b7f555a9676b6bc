"""Frameworks that an environment may lack: the tests that need one skip there, and say what to install."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

#: Backend to the package that it needs, and the extra that installs it.
PACKAGES = {
    "torch-cpu": ("torch", "torch"),
    "torch-cuda": ("torch", "torch"),
    "jax": ("jax", "jax"),
    "jax-jit": ("jax", "jax"),
    "onnxruntime": ("onnxruntime", "onnx"),
    "openvino": ("openvino", "openvino"),
    "tensorflow": ("tensorflow", "tensorflow"),
    "mlx": ("mlx", "mlx"),
    "torch-onnx": ("onnxscript", "torch-onnx"),
    "onnx-reference": ("onnx", "onnx"),
}


def lacking(name: str, extra: str = "") -> str:
    """The reason to skip what needs a package."""
    return f"{name} is not installed: pip install 'actcheck[{extra or name}]'"


def framework(name: str, extra: str = "") -> Any:
    """The module; where it is not installed the test that asks is skipped, or the file of tests."""
    return pytest.importorskip(name, reason=lacking(name.partition(".")[0], extra))


def needs(name: str, extra: str = "") -> pytest.MarkDecorator:
    """A test that needs a package."""
    return pytest.mark.skipif(find_spec(name) is None, reason=lacking(name, extra))


def array(found: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """An answer that is a host array, and no reason why there is none."""
    assert isinstance(found, np.ndarray)
    return found
