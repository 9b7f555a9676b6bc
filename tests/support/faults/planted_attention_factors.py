"""Multihead attention off by a factor, from the numpy backend: of scale, weights or output."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from actcheck.adapters.base import AttentionCall, AttentionResult, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.adapters.numpy_backend.arrays import Doubles
from actcheck.adapters.numpy_backend.attention import computed
from actcheck.adapters.numpy_backend.attention_inputs import Inputs, read
from actcheck.reference.formats import FORMATS
from tests.support.faults.planted_structured import Planted


@dataclass
class Off(NumpyAdapter):
    """Computes in binary64, and rounds once to the format."""

    #: Of 1/sqrt(head_dim), of the softmax, and of what is returned.
    scale: float = 1.0
    weights: float = 1.0
    output: float = 1.0
    #: The queries whose largest feature is at least that are scaled wrongly.
    from_size: float = 0.0

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        with np.errstate(all="ignore"):
            return computed(call, self.changed(read(call)))

    def changed(self, inputs: Inputs) -> Inputs:
        weights = dict(inputs.weights)
        for name in ("out_proj_weight", "out_proj_bias"):
            if name in weights:
                weights[name] = weights[name] * self.output
        query = inputs.query
        if self.from_size:
            large = np.abs(query).max(axis=-1, keepdims=True) >= self.from_size
            query = np.where(large, self.scale, 1.0) * query
        else:
            self._scaled(weights)
        return replace(inputs, query=query, weights=weights, kept=inputs.kept * self.weights)

    def _scaled(self, weights: dict[str, Doubles]) -> None:
        size = len(weights["q_proj_weight"])
        weights["q_proj_weight"] = weights["q_proj_weight"] * self.scale
        if "in_proj_bias" in weights:
            factors = np.repeat([self.scale, 1.0, 1.0], size)
            weights["in_proj_bias"] = weights["in_proj_bias"] * factors


_MHA = "multihead_attention-embed_dim=8,num_heads=2"
#: What four steps of a format are of 1, the relative size of a fault that must fail.
FOUR = {form: 4 * 2.0 ** (1 - FORMATS[form].precision) for form in ("float16", "bfloat16")} | {
    "float32": 1e-5
}


def _factors() -> dict[str, Planted]:
    """Each factor off by four steps of 16 bits or 1e-5: seen in the weights, and in the output alone."""
    found: dict[str, Planted] = {}
    alone = "max_units:bare weights,need_weights=False"
    for form, size in FOUR.items():
        for kind in ("scale", "weights", "output"):
            adapter = Off(**{kind: 1 + size})
            found[f"{kind} off in {form}"] = adapter, f"accuracy-{_MHA}-{form}-forward", "max_units"
            found[f"{kind} off in {form}, no weights"] = adapter, f"attention-{_MHA}-{form}-forward", alone
        # The scale is a power of two in these heads: below it steps are half as large.
        below = Off(scale=1 - size / 2)
        found[f"scale too small in {form}"] = below, f"accuracy-{_MHA}-{form}-forward", "max_units"
    return found


FACTORS: dict[str, Planted] = _factors() | {
    "scale off by 38 %": (Off(scale=1.38), f"accuracy-{_MHA}-bfloat16-forward", "max_units"),
    "scale off by 38 % at large logits": (
        Off(scale=1.38, from_size=8),
        f"accuracy-{_MHA}-bfloat16-forward",
        "max_units",
    ),
    "scale off by 38 % in gradients": (Off(scale=1.38), f"accuracy-{_MHA}-bfloat16-gradient", "max_units"),
}
