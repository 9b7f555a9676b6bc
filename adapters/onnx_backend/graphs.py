"""Plans as ONNX models; imported only where onnx is."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from actcheck.adapters.base import Parameters
from actcheck.adapters.onnx_backend.recipes import DEFAULTS, Plan

#: The version of the operators: the latest that both runtimes of this package know.
OPSET = 22
#: What numpy alone does not know.
_ELEMENTS = {"bfloat16": TensorProto.BFLOAT16}


def model(plan: Plan, format_name: str, rank: int) -> Any:
    """A checked model from x, of a rank and any size, to y. Raises what onnx raises for a wrong graph."""
    element = _ELEMENTS.get(format_name) or int(helper.np_dtype_to_tensor_dtype(np.dtype(format_name)))
    nodes = [helper.make_node(s.operator, s.inputs, s.outputs, **s.attributes) for s in plan.steps]
    constants = [helper.make_tensor(name, element, (), [value]) for name, value in plan.constants.items()]
    sizes = [f"n{axis}" for axis in range(rank)]
    inputs = [helper.make_tensor_value_info("x", element, sizes)]
    if plan.weight:
        channels = ["c" if size < 0 else size for size in weight_shape(rank)]
        inputs.append(helper.make_tensor_value_info(plan.weight, element, channels))
    outputs = [helper.make_tensor_value_info("y", element, [f"m{axis}" for axis in range(rank)])]
    graph = helper.make_graph(nodes, "activation", inputs, outputs, constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    onnx.checker.check_model(made)
    return made


def weight_shape(rank: int) -> tuple[int, ...]:
    """What broadcasts weights along dimension 1; -1 stands for their number."""
    return (-1, *(1,) * max(rank - 2, 0)) if rank else ()


def undefined(plan: Plan, format_name: str) -> str:
    """The first operator that the standard does not define for a format; empty where there is none."""
    word = {"float32": "float", "float64": "double"}.get(format_name, format_name)
    for step in plan.steps:
        constraints = onnx.defs.get_schema(step.operator, OPSET).type_constraints
        if f"tensor({word})" not in constraints[0].allowed_type_strs:
            return step.operator
    return ""


def defaults(activation: str) -> Parameters | None:
    """The defaults of the standard's attributes; None where the operator has none that are parameters."""
    if activation not in DEFAULTS:
        return None
    operator, names = DEFAULTS[activation]
    attributes = onnx.defs.get_schema(operator, OPSET).attributes
    values = {p: helper.get_attribute_value(attributes[a].default_value) for a, p in names.items()}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in values.items()}
