"""torch's modules as `torch.onnx.export` writes them, run by onnxruntime on the CPU.

Both are imported when the adapter is first asked something, so that this module imports without them.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

from actcheck.adapters.base import Description, Function, Parameters, Unsupported
from actcheck.adapters.onnx_backend import OnnxRuntimeAdapter
from actcheck.adapters.raised import text_of

#: By what a module becomes a graph: torch's default, and the one before it.
_EXPORTERS = ("dynamo", "torchscript")

#: Escape codes of a terminal.
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def _quiet() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


@cache
def _with_one_registry() -> None:
    """Keep the table of torch's operators, the same for every graph: making it takes most of the time."""
    with suppress(ImportError, AttributeError):  # no part of torch's interface
        made: Any = import_module("torch.onnx._internal.exporter._registration").ONNXRegistry
        made.from_torchlib = staticmethod(cache(made.from_torchlib))


class TorchOnnxAdapter(OnnxRuntimeAdapter):
    """Every dimension of a graph is dynamic; there is one for each format and rank."""

    name = "torch-onnx"
    packages = ("torch", "onnxruntime", "onnx", "onnxscript")
    extra = "torch-onnx"
    dialect = "torch"
    #: Its graphs have little of what torch's own kernels do.
    deviations = "deviations/torch-onnx.yaml"

    def __init__(self, exporter: str = "dynamo", threads: str = "1", optimization: str = "all") -> None:
        if exporter not in _EXPORTERS:
            raise ValueError(f"exporter must be one of {', '.join(_EXPORTERS)}, not {exporter!r}")
        super().__init__(threads, optimization)
        self._exporter = exporter

    def described(self) -> Description:
        """torch's version; each rank is exported anew, which takes long."""
        return replace(super().described(), dear_shapes=True)

    def details(self) -> Mapping[str, str]:
        """The exporter, and what runs its graphs."""
        versions = {name: import_module(name).__version__ for name in ("onnxruntime", "onnx", "onnxscript")}
        return {"exporter": self._exporter, "threads": str(self._threads), **versions}

    def own_functions(self) -> Mapping[str, Function | Unsupported]:
        """torch's functions by activation id, except those that take more than one array."""
        from actcheck.adapters.torch_backend.functions import FUNCTIONS  # noqa: PLC0415

        attention = Unsupported("the modules of one array, and prelu's, are exported here")
        return {**FUNCTIONS, "multihead_attention": attention}

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """torch's own."""
        modules: Any = import_module("actcheck.adapters.torch_backend.modules")
        found: Parameters | Unsupported = modules.defaults(activation)
        return found

    def prepare(
        self, activation: str, format_name: str, rank: int, parameters: Parameters
    ) -> Function | Unsupported:
        """A session of the graph, with prelu's weight as an input."""
        model = self.exported(activation, format_name, rank, parameters)
        if isinstance(model, Unsupported):
            return model
        ready = self.ready(model, f"the graph of {activation}", format_name)
        if isinstance(ready, Unsupported):
            return ready
        return lambda x, **weights: ready({"x": x, **weights})

    def exported(
        self, activation: str, format_name: str, rank: int, parameters: Parameters
    ) -> bytes | Unsupported:
        """The graph as a file of ONNX, from x to y. Raises what torch raises for bad parameters."""
        function = self.lookup(activation)
        if isinstance(function, Unsupported):
            return function
        torch = import_module("torch")
        x = torch.ones((2,) * rank, dtype=getattr(torch, format_name))
        inputs = {"x": x}
        if activation == "prelu":
            inputs["weight"] = torch.ones(2 if rank > 1 else 1, dtype=x.dtype)
        form = self._form(activation, function, parameters)
        form(*inputs.values())
        try:
            return self._export(form, inputs)
        except (torch.onnx.errors.OnnxExporterError, AssertionError) as error:
            told = _COLOURS.sub("", text_of(error)).strip().partition("\n")[0].partition(". ")[0]
            return Unsupported(f"torch.onnx.export does not write {activation}: {told}")

    def _form(self, activation: str, function: Function, parameters: Parameters) -> Any:
        """The module; of a function that has none, or whose weight is an input, one that calls it."""
        torch = import_module("torch")
        modules = import_module("actcheck.adapters.torch_backend.modules")
        found = modules.module(activation, parameters, "cpu")
        if isinstance(found, torch.nn.Module):
            return found

        class Form(torch.nn.Module):  # type: ignore[misc, name-defined]
            def forward(self, x: Any, weight: Any = None) -> Any:
                given = parameters if weight is None else {**parameters, "weight": weight}
                return function(x, **given)

        return Form()

    def _export(self, form: Any, inputs: Mapping[str, Any]) -> bytes:
        torch = import_module("torch")
        names = {"input_names": [*inputs], "output_names": ["y"], "verbose": False}
        with redirect_stdout(io.StringIO()), warnings.catch_warnings(), _quiet():
            warnings.simplefilter("ignore")
            if self._exporter == "torchscript":
                file, axes = io.BytesIO(), {name: [*range(a.dim())] for name, a in inputs.items()}
                torch.onnx.export(form, (*inputs.values(),), file, dynamo=False, dynamic_axes=axes, **names)
                return file.getvalue()
            _with_one_registry()
            free = torch.export.Dim.DYNAMIC
            shapes = tuple(dict.fromkeys(range(a.dim()), free) for a in inputs.values())
            written = torch.onnx.export(
                form, (*inputs.values(),), dynamic_shapes=shapes, dynamo=True, **names
            )
            return bytes(written.model_proto.SerializeToString())
