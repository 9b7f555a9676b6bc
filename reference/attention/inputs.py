"""One call of multihead attention as the reference reads it: batch first, one mask.

The rules are those of the specification: how masks combine, and that appended rows are never masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
NAMES = ("query", "key", "value")
#: Joins the names of inputs that are one array in the name of its gradient: query+key.
SHARED = "+"


@dataclass(frozen=True)
class Module:
    """Inputs, weights and masks of one call, named as in the specification.

    Shapes: query (N, L, E), key (N, S, kdim), value (N, S, vdim); ``attn_mask`` (L, S) or (N*H, L, S) and
    ``key_padding_mask`` (N, S) or (S,), boolean (True forbids) or added to the logits. Weights:
    q_proj_weight (E, E), k_proj_weight (E, kdim), v_proj_weight (E, vdim), in_proj_bias (3E,),
    out_proj_weight (E, E), out_proj_bias (E,), bias_k and bias_v (E,); biases may be absent.
    """

    query: Array
    key: Array
    value: Array
    num_heads: int
    weights: Mapping[str, Array]
    add_zero_attn: bool = False
    attn_mask: Array | None = None
    key_padding_mask: Array | None = None
    #: Forbids every key after the query.
    is_causal: bool = False
    #: What dropout left of each weight, of shape (N, H, L, T) or one that spreads to it: 0 or 1/(1 - p).
    kept: Array | None = None
    #: (N, L, E): what the gradients of sum(upstream*output) are asked for; None asks for none.
    upstream: Array | None = field(default=None)
    #: Whether float masks have gradients, too.
    mask_gradients: bool = False
    #: The names of inputs that are one array, of which there is one gradient beside those of its places.
    shared: tuple[str, ...] = ()

    @property
    def keys(self) -> int:
        """T: the keys with those that are appended."""
        return int(self.key.shape[1]) + int(self.add_zero_attn) + ("bias_k" in self.weights)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, H, L, T)."""
        return int(self.query.shape[0]), self.num_heads, int(self.query.shape[1]), self.keys


def is_summand(mask: Array | None) -> TypeGuard[Array]:
    """Whether a mask is added to the logits, and so has a gradient."""
    return mask is not None and mask.dtype != np.bool_


def masks(module: Module) -> tuple[list[Doubles], Bools]:
    """What is added to the logits, one array a float mask, and what is forbidden: all (N, H, L, T)."""
    batch, heads, queries, _ = module.shape
    own = int(module.key.shape[1])
    added: list[Doubles] = []
    forbidden = np.zeros(module.shape, bool)
    given = (..., slice(own))
    if module.is_causal:
        forbidden[given] |= np.arange(own) > np.arange(queries)[:, None]
    for mask in (_spread(module.attn_mask, batch, heads), _padding(module.key_padding_mask)):
        if mask is None:
            continue
        if mask.dtype == np.bool_:
            forbidden[given] |= mask
        else:
            wide = np.asarray(mask, np.float64)
            forbidden[given] |= wide == -np.inf
            summand = np.zeros(module.shape)
            summand[given] = np.where(wide == -np.inf, 0.0, wide)
            added.append(summand)
    return added, forbidden


def _spread(mask: Array | None, batch: int, heads: int) -> Array | None:
    if mask is None or mask.ndim == 2:
        return mask
    return mask.reshape(batch, heads, *mask.shape[1:])


def _padding(mask: Array | None) -> Array | None:
    return None if mask is None else np.atleast_2d(mask)[:, None, None, :]
