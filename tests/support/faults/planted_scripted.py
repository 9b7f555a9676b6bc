"""Attention with faults that a script must show: one wrong number, a call that fails, undivided dropout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from actcheck.adapters.base import AttentionCall, AttentionResult, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter


class CausalIgnored(NumpyAdapter):
    """With is_causal neither hint nor mask is seen."""

    name = "causal-ignored"

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        """numpy's attention of all keys."""
        seen = replace(call, is_causal=False, attn_mask=None) if call.is_causal else call
        return super().attention(seen)


class DropoutUnscaled(NumpyAdapter):
    """What dropout leaves is not scaled."""

    name = "dropout-unscaled"

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        """numpy's attention, of which training gives smaller results."""
        found = super().attention(call)
        if isinstance(found, Unsupported) or not call.dropout or call.path != "training":
            return found
        return replace(found, output=(found.output * (1 - call.dropout)).astype(found.output.dtype))


class NoLongSequences(NumpyAdapter):
    """More keys than 8 are too many."""

    name = "no-long-sequences"

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        """numpy's attention, or an error."""
        if max(np.shape(call.key)[:-1]) > 8:
            raise RuntimeError("too many keys")
        return super().attention(call)


class AnyDropout(NumpyAdapter):
    """A dropout that is no probability is none."""

    name = "any-dropout"

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        """numpy's attention without such a dropout."""
        return super().attention(call if 0 <= call.dropout <= 1 else replace(call, dropout=0.0))
