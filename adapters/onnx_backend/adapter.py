"""Two runtimes of ONNX on the CPU; the packages are imported when an adapter is first asked something."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

from actcheck.adapters.base import Array, Description, Function, Parameters, Unsupported
from actcheck.adapters.onnx_backend.recipes import RECIPES, Plan
from actcheck.adapters.packaged import Packaged

#: In which sessions are made by onnxruntime's own names.
_OPTIMIZATIONS = {
    "none": "ORT_DISABLE_ALL",
    "basic": "ORT_ENABLE_BASIC",
    "extended": "ORT_ENABLE_EXTENDED",
    "all": "ORT_ENABLE_ALL",
}


class _OnnxAdapter(Packaged):
    """Graphs of one operator, or of a composition, at the version of the operators that `graphs` names."""

    extra = "onnx"
    dialect = "onnx"
    formats: tuple[str, ...] = ("float16", "bfloat16", "float32", "float64")

    def described(self) -> Description:
        """The package's version; the standard has no gradients of operators."""
        package = self.packages[0]
        return Description(
            package,
            import_module(package).__version__,
            self.device,
            formats=self.formats,
            details=self.details(),
            quantities=("forward",),
            dialect=self.dialect,
        )

    def details(self) -> Mapping[str, str]:
        """The version of the operators."""
        return {"opset": str(self._graphs.OPSET), "onnx": import_module("onnx").__version__}

    def own_functions(self) -> Mapping[str, Function | Unsupported]:
        """Recipes by activation id: functions of the rank, of which `prepare` makes functions of arrays."""
        return RECIPES

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """From the standard's schema of the operator."""
        found = self._graphs.defaults(activation)
        if found is None:
            return Unsupported(f"ONNX has no defaults of the parameters of {activation}")
        return dict(found)

    def prepare(
        self, activation: str, format_name: str, rank: int, parameters: Parameters
    ) -> Function | Unsupported:
        """A graph for arrays of one format and rank, made ready to be run."""
        plan = self._plan(activation, format_name, rank, parameters)
        if isinstance(plan, Unsupported):
            return plan
        ready = self.ready(self._written(plan, format_name, rank), plan.steps[0].operator, format_name)
        if isinstance(ready, Unsupported):
            return ready

        weight_shape: Function = self._graphs.weight_shape

        def function(x: Array, weight: Array | None = None) -> Any:
            given = {"x": x}
            if weight is not None:
                given[plan.weight] = weight.reshape(weight_shape(rank))
            return ready(given)

        return function

    def exported(
        self, activation: str, format_name: str, rank: int, parameters: Parameters
    ) -> bytes | Unsupported:
        """The graph as a file of ONNX, from x to y."""
        plan = self._plan(activation, format_name, rank, parameters)
        if isinstance(plan, Unsupported):
            return plan
        return self._written(plan, format_name, rank)

    def _written(self, plan: Plan, format_name: str, rank: int) -> bytes:
        return bytes(self._graphs.model(plan, format_name, rank).SerializeToString())

    def _plan(
        self, activation: str, format_name: str, rank: int, parameters: Parameters
    ) -> Plan | Unsupported:
        recipe = self.lookup(activation)
        if isinstance(recipe, Unsupported):
            return recipe
        plan: Plan = recipe(rank, **parameters)
        undefined = self._graphs.undefined(plan, format_name)
        return Unsupported(f"{undefined} of ONNX is not defined for {format_name}") if undefined else plan

    def ready(self, model: bytes, operator: str, format_name: str) -> Function | Unsupported:
        """What runs a model (a file of ONNX): from arrays by the names of inputs to the result."""
        raise NotImplementedError(f"{type(self).__name__} must define ready()")

    def to_backend(self, array: Array) -> Any:
        """A contiguous array: graphs know no strides."""
        return np.ascontiguousarray(array).reshape(array.shape)

    @property
    def _graphs(self) -> Any:
        return import_module("actcheck.adapters.onnx_backend.graphs")


class OnnxRuntimeAdapter(_OnnxAdapter):
    """onnxruntime's CPU execution provider."""

    name = "onnxruntime"
    packages: tuple[str, ...] = ("onnxruntime", "onnx")
    formats = ("float16", "float32", "float64")

    def __init__(self, threads: str = "1", optimization: str = "all") -> None:
        if optimization not in _OPTIMIZATIONS:
            raise ValueError(f"optimization must be one of {', '.join(_OPTIMIZATIONS)}, not {optimization!r}")
        self._threads, self._optimization = int(threads), _OPTIMIZATIONS[optimization]

    def details(self) -> Mapping[str, str]:
        """With the threads of a session."""
        return {**super().details(), "threads": str(self._threads)}

    def ready(self, model: bytes, operator: str, format_name: str) -> Function | Unsupported:
        """A session, or that there is no kernel for the format."""
        ort = import_module("onnxruntime")
        state = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = self._threads, 4
        options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, self._optimization)
        try:
            session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except state.NotImplemented:
            return Unsupported(f"onnxruntime has no kernel of {operator} for {format_name}")
        return lambda given: session.run(None, given)[0]

    def use_threads(self, count: int) -> bool:
        """Sessions are made anew with so many threads."""
        self._threads = count
        self._prepared.clear()
        return True


class OnnxReferenceAdapter(_OnnxAdapter):
    """The reference implementation that comes with the standard, in numpy."""

    name = "onnx-reference"
    packages = ("onnx",)

    def ready(self, model: bytes, operator: str, format_name: str) -> Function | Unsupported:
        """The evaluator."""
        evaluator = import_module("onnx.reference").ReferenceEvaluator(model)
        return lambda given: evaluator.run(None, given)[0]
