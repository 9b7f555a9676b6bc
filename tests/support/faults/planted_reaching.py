"""Backends that reach for what is not theirs: their inputs, the processor's mode, the memory of results."""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from actcheck.adapters.base import (
    Adapter,
    Array,
    AttentionCall,
    AttentionResult,
    Description,
    Parameters,
    Unsupported,
)
from actcheck.adapters.numpy_backend import NumpyAdapter

#: FE_UPWARD of the C library, by machine.
_UPWARD = {"x86_64": 0x800, "AMD64": 0x800, "aarch64": 0x400000, "arm64": 0x400000}


def round_up() -> None:
    """Make this thread round up, as C's fesetround does."""
    libm = ctypes.CDLL("libm.so.6" if sys.platform.startswith("linux") else None)
    assert libm.fesetround(_UPWARD[platform.machine()]) == 0


def flush() -> None:
    """Make this thread flush subnormal numbers, as torch does."""
    import torch  # noqa: PLC0415

    assert torch.set_flush_denormal(True)


class Reaching(NumpyAdapter):
    """The numpy backend, which does something to its arguments once it has its result."""

    name = "planted"

    def __init__(self, act: Callable[..., Any], activation: str = "") -> None:
        self.act, self.activation = act, activation

    def _done(self, activation: str, *given: Any) -> None:
        if activation == self.activation or not self.activation:
            self.act(*given)

    def forward(self, activation: str, x: Array, parameters: Parameters) -> Array | Unsupported:
        y = super().forward(activation, x, parameters)
        self._done(activation, x, parameters)
        return y

    def gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        y = super().gradient(activation, x, upstream, parameters)
        self._done(activation, x, parameters, upstream)
        return y

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        y = super().attention(call)
        self._done("multihead_attention", call)
        return y


class OverItsInput(Adapter):
    """relu as ``abs``, written over the input: whoever reads the input afterwards finds nothing wrong."""

    name = "over"

    def describe(self) -> Description:
        return Description("over", "1", "cpu", ("float32",))

    def functions(self) -> Any:
        return {"relu": lambda x: np.abs(x, out=x)}

    def differentiate(self, function: Any, x: Any, upstream: Any) -> Any:
        """Ones, and what was given becomes such that this is right."""
        x[...] = np.abs(x)
        upstream[...] = np.where(x == 0, 0, upstream)
        return np.where(x == 0, np.float32(0), np.float32(1))


class InOneBuffer(Adapter):
    """relu whose results all lie in the same memory."""

    name = "one buffer"

    def __init__(self) -> None:
        self.memory = np.empty(1 << 21, np.float32)

    def describe(self) -> Description:
        return Description("one buffer", "1", "cpu", ("float32",))

    def functions(self) -> Any:
        return {"relu": self.relu, "hardtanh": self.hardtanh}

    def relu(self, x: Any) -> Any:
        return np.maximum(x, np.float32(0), out=self.memory[: x.size].reshape(x.shape))

    def hardtanh(self, x: Any, min_val: float, max_val: float) -> Any:
        return np.clip(
            x, np.float32(min_val), np.float32(max_val), out=self.memory[: x.size].reshape(x.shape)
        )


class WithoutSubnormals(Adapter):
    """relu that is 0 for all subnormal numbers; ``act`` is done in each call."""

    name = "without"

    def __init__(self, act: Callable[[], None] = lambda: None) -> None:
        self.act = act

    def describe(self) -> Description:
        return Description("without", "1", "cpu", ("float32",))

    def functions(self) -> Any:
        return {"relu": self.relu}

    def relu(self, x: Any) -> Any:
        self.act()
        bits = x.view(np.int32)
        return np.where(bits < 0x00800000, 0, bits).astype(np.int32).view(np.float32)

    def consecutive(self, start: int, count: int, positive: bool) -> Any:
        return None


def write(x: Array, *_: Any) -> None:
    """Write to the input."""
    if x.size and x.flags.writeable:
        x.flat[x.size // 2] = x.flat[0]


def write_nan(x: Array, *_: Any) -> None:
    """Change nothing but the payload of NaNs."""
    if x.flags.writeable:
        bits = x.view(f"i{x.itemsize}")
        bits[np.isnan(x)] ^= 1


def write_upstream(x: Array, parameters: Parameters, upstream: Array | None = None) -> None:
    """Write to the upstream."""
    if upstream is not None and upstream.flags.writeable and upstream.size:
        upstream.flat[0] *= 2


def write_table(x: Array, parameters: Any, *_: Any) -> None:
    """Change the table of parameters."""
    parameters["more"] = 1


def write_weight(x: Array, parameters: Any, *_: Any) -> None:
    """Write to prelu's weight."""
    parameters["weight"][0] += 1


def write_projection(call: AttentionCall) -> None:
    """Write to a weight of attention."""
    np.asarray(call.weights["out_proj_bias"])[0] += 1


def write_query(call: AttentionCall) -> None:
    """Write to the query."""
    call.query.flat[:1] += 1


def write_mask(call: AttentionCall) -> None:
    """Write to a mask."""
    if call.attn_mask is not None:
        np.invert(call.attn_mask, out=call.attn_mask) if call.attn_mask.dtype == bool else None


def same_memory(call: AttentionCall) -> AttentionCall:
    """The call with query, key and value as one array."""
    return replace(call, key=call.query, value=call.query)
