"""The torch backend: the public forms of torch.nn.functional and torch.nn, on the CPU or on a CUDA device.

torch is imported when the adapter is first asked something, so that this module imports without it.
"""

# ruff: noqa: PLC0415 (imports inside functions are the point)

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from actcheck.adapters.base import (
    Array,
    AttentionCall,
    AttentionResult,
    Function,
    Index,
    InPlace,
    InPlaceSlice,
    Module,
    Parameters,
    Unsupported,
)
from actcheck.adapters.torch_backend.tensors import Tensors


class TorchAdapter(Tensors):
    """torch on one device; the backends differ in nothing but where the tensors live."""

    def own_functions(self) -> Mapping[str, Function | Unsupported]:
        """torch's own functions by activation id."""
        from actcheck.adapters.torch_backend.functions import FUNCTIONS

        return FUNCTIONS

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
