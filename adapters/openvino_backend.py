"""The OpenVINO backend: graphs of the operators of its own opset, compiled for one device.

OpenVINO is imported when the adapter is first asked something, so that this module imports without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from math import inf
from typing import Any

import ml_dtypes
import numpy as np

from actcheck.adapters.base import (
    Array,
    Description,
    Function,
    Operator,
    Parameters,
    Unsupported,
    composed,
)
from actcheck.adapters.packaged import Packaged

#: Formats by OpenVINO's names. It takes float64 too, and computes in float32 then.
_TYPES = {"float16": "f16", "bfloat16": "bf16", "float32": "f32"}


class OpenVinoAdapter(Packaged):
    """Graphs of one operator, or of a composition, with numbers kept in float32 between operators."""

    name = "openvino"
    packages = ("openvino",)
    dialect = "onnx"

    def __init__(self, device: str = "CPU", threads: str = "1", precision: str = "f32") -> None:
        self.device, self._threads, self._precision = device.lower(), int(threads), precision

    def described(self) -> Description:
        """OpenVINO's version and device; it is a runtime of inference, without gradients."""
        return Description(
            "openvino",
            self._openvino.__version__.partition("-")[0],
            self.device,
            tuple(_TYPES),
            {"threads": str(self._threads), "precision": self._precision, "opset": self._ops.__name__},
            quantities=("forward",),
            dialect=self.dialect,
        )

    @cached_property
    def _openvino(self) -> Any:
        return import_module("openvino")

    @cached_property
    def _ops(self) -> Any:
        return import_module("openvino.opset15")

    @cached_property
    def _core(self) -> Any:
        return self._openvino.Core()

    def own_functions(self) -> Mapping[str, Function | Unsupported]:
        """Functions of a graph's node by activation id."""
        return self._functions

    @cached_property
    def _functions(self) -> Mapping[str, Function | Unsupported]:
        ops = self._ops
        constant = self._constant
        return {
            "crelu": composed(
                "Concat(Relu(x), Relu(Negative(x)))",
                lambda x, dim: ops.concat([ops.relu(x), ops.relu(ops.negative(x))], dim),
            ),
            "elu": ops.elu,
            "gelu": lambda x, approximate: ops.gelu(x, {"none": "erf"}.get(approximate, approximate)),
            "glu": composed("Split, Sigmoid and Multiply", self._glu),
            "hardsigmoid": ops.hsigmoid,
            "hardswish": ops.hswish,
            "hardtanh": lambda x, min_val, max_val: ops.clamp(x, min_value=min_val, max_value=max_val),
            "leaky_relu": lambda x, negative_slope: ops.prelu(x, constant(x, negative_slope)),
            "log_softmax": lambda x, dim: ops.log_softmax(x, axis=dim),
            "logsigmoid": composed(
                "Negative(SoftPlus(Negative(x)))", lambda x: ops.negative(ops.softplus(ops.negative(x)))
            ),
            "mish": ops.mish,
            "prelu": lambda x, weight, **_: ops.prelu(x, weight),
            "relu": ops.relu,
            "relu6": lambda x: ops.clamp(x, 0.0, 6.0),
            "selu": lambda x: ops.selu(x, constant(x, _ALPHA), constant(x, _SCALE)),
            "sigmoid": ops.sigmoid,
            "silu": lambda x: ops.swish(x, constant(x, 1.0)),
            "softmax": lambda x, dim: ops.softmax(x, axis=dim),
            "softplus": Operator(ops.softplus, fixed={"beta": 1.0, "threshold": inf}),
            "softsign": ops.softsign,
            "tanh": ops.tanh,
            "tanhshrink": composed("Subtract(x, Tanh(x))", lambda x: ops.subtract(x, ops.tanh(x))),
        }

    def _glu(self, x: Any, dim: int) -> Any:
        left, right = self._ops.split(x, dim, 2).outputs()
        return self._ops.multiply(left, self._ops.sigmoid(right))

    def _constant(self, x: Any, value: float) -> Any:
        return self._ops.constant(value, x.get_element_type())

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """Operators of OpenVINO have no defaults of the parameters of activations."""
        return Unsupported("the operators of OpenVINO have no defaults of these parameters")

    def prepare(
        self, activation: str, format_name: str, rank: int, parameters: Parameters
    ) -> Function | Unsupported:
        """A graph for arrays of one format and rank, compiled."""
        function = self.lookup(activation)
        if isinstance(function, Unsupported):
            return function
        kind = self._type(format_name)
        x = self._ops.parameter([-1] * rank, kind)
        weights = {}
        if activation == "prelu":
            weights["weight"] = self._ops.parameter([-1] if rank else [], kind)
        result = self._ops.result(function(x, **weights, **parameters))
        compiled = self._core.compile_model(
            self._openvino.Model([result], [x, *weights.values()]),
            self.device.upper(),
            {"INFERENCE_NUM_THREADS": self._threads, "INFERENCE_PRECISION_HINT": self._precision},
        )

        def compute(x: Array, weight: Array | None = None) -> Array:
            given = [x] if weight is None else [x, weight.reshape((-1,) if rank else ())]
            (y,) = compiled([*map(self._tensor, given)]).values()
            # What numpy alone does not know comes as float16, with its own bits.
            return np.array(y).view(x.dtype)

        return compute

    def _type(self, format_name: str) -> Any:
        known = _TYPES.get(format_name)
        return getattr(self._openvino.Type, known) if known else self._openvino.Type(np.dtype(format_name))

    def _tensor(self, array: Array) -> Any:
        if array.dtype != ml_dtypes.bfloat16:
            return self._openvino.Tensor(array)
        tensor = self._openvino.Tensor(self._openvino.Type.bf16, self._openvino.Shape(array.shape))
        tensor.data.view(np.uint16)[...] = array.view(np.uint16)
        return tensor

    def to_backend(self, array: Array) -> Any:
        """A contiguous array: graphs know no strides."""
        return np.ascontiguousarray(array).reshape(array.shape)

    def use_threads(self, count: int) -> bool:
        """Graphs are compiled anew for so many threads."""
        self._threads = count
        self._prepared.clear()
        return True


#: Of selu, which takes them as constants.
_ALPHA, _SCALE = 1.6732632423543772848, 1.0507009873554804934
