"""The torch backend: the public forms of torch.nn.functional and torch.nn, on the CPU or on a CUDA device.

torch is imported when the adapter is first asked something, so that this module imports without it.
"""

# ruff: noqa: PLC0415 (imports inside functions are the point)

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from actcheck.adapters.base import (
    Array,
    AttentionCall,
    AttentionResult,
    Description,
    Function,
    Index,
    InPlace,
    InPlaceSlice,
    Module,
    Parameters,
    Unsupported,
)
from actcheck.adapters.packaged import Packaged


class TorchAdapter(Packaged):
    """torch on one device; the backends differ in nothing but where the tensors live."""

    name = "torch-cpu"
    packages = ("torch",)

    def __init__(self, device: str = "cpu") -> None:
        #: As torch names it: ``cpu``, ``cuda``, ``cuda:1``.
        self.device = device
        self.name = f"torch-{device}"

    def described(self) -> Description:
        """torch's version and the device, or why it cannot be used."""
        import torch

        if not self._on_cuda:
            details = {
                "instruction set": torch.backends.cpu.get_cpu_capability(),
                "threads": str(torch.get_num_threads()),
            }
            return Description("torch", torch.__version__, self.device, details=details)
        if not torch.cuda.is_available():
            reason = "no CUDA device: torch.cuda.is_available() is False"
            return Description("torch", torch.__version__, self.device, unavailable=reason)
        details = {"device": torch.cuda.get_device_name(self.device), "CUDA": str(torch.version.cuda)}
        return Description("torch", torch.__version__, self.device, details=details)

    def own_functions(self) -> Mapping[str, Function | Unsupported]:
        """torch's own functions by activation id."""
        from actcheck.adapters.torch_backend.functions import FUNCTIONS

        return FUNCTIONS

    def to_backend(self, array: Array) -> Any:
        """A tensor on the device with the array's values, format and strides, negative ones excepted.

        On the CPU it lies over the array's own memory.
        """
        from actcheck.adapters.torch_backend.arrays import to_tensor

        return to_tensor(array, self.device)

    def to_host(self, array: Any) -> Array:
        """The numpy array of a tensor."""
        from actcheck.adapters.torch_backend.arrays import to_array

        return to_array(array)

    def differentiate(self, function: Function, x: Any, upstream: Any) -> Any:
        """By torch.autograd.grad; the upstream keeps its strides."""
        from actcheck.adapters.torch_backend.gradients import differentiate

        return differentiate(function, x, upstream)

    def differentiate_twice(self, function: Function, x: Any) -> Any:
        """By torch.autograd.grad of the gradient, or torch's reason why there is none."""
        from actcheck.adapters.torch_backend.gradients import differentiate_twice

        return differentiate_twice(function, x)

    def snippet(
        self, activation: str, parameters: Parameters, format_name: str, way: str
    ) -> str | Unsupported:
        """torch's own call; none for weight gradients."""
        from actcheck.adapters.torch_backend.snippets import snippet

        own = snippet(activation, parameters, format_name, way, self.device)
        return own or super().snippet(activation, parameters, format_name, way)

    def attention_snippet(self, call: AttentionCall) -> str | Unsupported:
        """torch's own module along the path of the call."""
        from actcheck.adapters.torch_backend.attention_paths import PATHS
        from actcheck.adapters.torch_backend.attention_snippet import attention_snippet

        path = PATHS.get(call.path)
        if path is None:
            return super().attention_snippet(call)
        return attention_snippet(call, self.device, path.training, path.gradients)

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """The gradient of prelu with respect to its weight."""
        function = self.lookup(activation)
        if isinstance(function, Unsupported) or not isinstance(parameters.get("weight"), np.ndarray):
            return Unsupported(f"{activation} has no weight")
        inputs, others = self.to_backend(x), {k: v for k, v in parameters.items() if k != "weight"}
        weight, sent = self.to_backend(parameters["weight"]), self.to_backend(upstream)
        return self.to_host(self.differentiate(lambda w: function(inputs, weight=w, **others), weight, sent))

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """torch's own defaults, read from signatures."""
        from actcheck.adapters.torch_backend.modules import defaults

        return defaults(activation)

    def in_place(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> InPlace | Unsupported:
        """The ``inplace=True`` form, or ``torch.sigmoid_`` and ``torch.tanh_``."""
        from actcheck.adapters.torch_backend.functions import IN_PLACE
        from actcheck.adapters.torch_backend.gradients import in_place

        if activation not in IN_PLACE:
            return Unsupported(f"torch has no in-place form of {activation}")
        function = partial(IN_PLACE[activation], **parameters)
        return in_place(function, self.to_backend(x), self.to_backend(upstream))

    def in_place_slice(
        self, activation: str, base: Array, index: Index, upstream: Array, parameters: Parameters
    ) -> InPlaceSlice | Unsupported:
        """The in-place form on a view of a tensor that autograd knows as a step of a computation."""
        from actcheck.adapters.torch_backend.forms import in_place_slice
        from actcheck.adapters.torch_backend.functions import IN_PLACE

        if activation not in IN_PLACE:
            return Unsupported(f"torch has no in-place form of {activation}")
        function = partial(IN_PLACE[activation], **parameters)
        return in_place_slice(function, self.to_backend(base), index, self.to_backend(upstream))

    def write_out(
        self, activation: str, x: Array, base: Array, index: Index, parameters: Parameters
    ) -> Array | Unsupported:
        """``torch.sigmoid`` and ``torch.tanh`` with ``out``."""
        from actcheck.adapters.torch_backend.forms import write_out
        from actcheck.adapters.torch_backend.functions import WITH_OUT

        if activation not in WITH_OUT:
            return Unsupported(f"torch documents no out argument of {activation}")
        return write_out(WITH_OUT[activation], self.to_backend(x), self.to_backend(base), index)

    def differentiate_forward(self, function: Function, x: Any, tangent: Any) -> Any:
        """By torch.func.jvp, or torch's reason why there is none."""
        from actcheck.adapters.torch_backend.forms import jvp

        return jvp(function, x, tangent)

    def differentiate_gradient(self, function: Function, x: Any, upstream: Any, second: Any) -> Any:
        """By torch.autograd.grad of the gradient, or torch's reason why there is none."""
        from actcheck.adapters.torch_backend.forms import double_backward

        return double_backward(function, x, upstream, second)

    def recorded(self, activation: str, x: Array, parameters: Parameters) -> Array | Unsupported:
        """Of a tensor that requires its gradient."""
        from actcheck.adapters.torch_backend.forms import recorded

        native = self.to_backend(x)
        function = self.bound(activation, native, parameters)
        return function if isinstance(function, Unsupported) else recorded(function, native)

    def module_object(
        self, activation: str, parameters: Parameters, format_name: str, seed: int
    ) -> Module | Unsupported:
        """The module of torch.nn."""
        from actcheck.adapters.torch_backend.module_objects import module_object

        return module_object(activation, parameters, format_name, self.device, seed)

    def module(self, activation: str, parameters: Parameters) -> Function | Unsupported:
        """The module of torch.nn, in evaluation."""
        from actcheck.adapters.torch_backend.modules import module

        return module(activation, parameters, self.device)

    def sample(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters, seed: int
    ) -> tuple[Array, Array | Unsupported] | Unsupported:
        """``F.rrelu`` in training."""
        from actcheck.adapters.torch_backend.functions import FUNCTIONS
        from actcheck.adapters.torch_backend.gradients import sample

        if activation != "rrelu":
            return Unsupported(f"{activation} draws no random numbers")
        function = partial(FUNCTIONS[activation], **parameters, training=True)
        return sample(function, self.to_backend(x), self.to_backend(upstream), seed)

    def attention_paths(self) -> tuple[str, ...]:
        """See `attention_paths.PATHS`."""
        from actcheck.adapters.torch_backend.attention_paths import PATHS

        return tuple(PATHS)

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        """``torch.nn.MultiheadAttention`` with the given weights."""
        from actcheck.adapters.torch_backend.attention import attention

        return attention(call, self.device)

    def consecutive(self, start: int, count: int, positive: bool) -> Any:
        """A tensor on the CUDA device; on the CPU the host's arrays serve."""
        from actcheck.adapters.torch_backend.arrays import consecutive

        return consecutive(start, count, positive, self.device) if self._on_cuda else None

    def use_threads(self, count: int) -> bool:
        """``torch.set_num_threads``; threads of the host do not compute on a CUDA device."""
        import torch

        if self._on_cuda:
            return False
        torch.set_num_threads(count)
        return True

    def synchronize(self) -> None:
        """Wait for the CUDA device."""
        import torch

        if self._on_cuda:
            torch.cuda.synchronize(self.device)

    @property
    def _on_cuda(self) -> bool:
        return self.device.partition(":")[0] == "cuda"
