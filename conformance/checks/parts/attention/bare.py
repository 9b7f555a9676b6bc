"""A call of multihead attention whose output is its attention weights, and whose weights tell the scale.

Queries and keys are powers of two in every feature of a head and values are unit vectors, so that nothing
cancels: what an honest backend may be off by is a few roundings of each number, and no more. A fault of the
scale moves a weight by that times its logit, which is 0, of ordinary size, and large; a fault of weights or
output shows where all logits are 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from actcheck.adapters.base import AttentionCall
from actcheck.conformance.checks.parts.attention.masks import Array
from actcheck.reference.formats import Format
from actcheck.reference.specification.model import Variant

#: Each query has one of the first in all of its features, each key one of the second.
_QUERIES, _KEYS = (1.0, -1.0, 8.0, 0.0), (0.0, -0.5, -2.0, -4.0)
_BATCHES = 2
#: In the input: what the query takes, what the key takes, and the first place of the unit vector.
_QUERY, _KEY, _VALUE = 0, 1, 2


def bare(variant: Variant, form: Format, batch_first: bool) -> AttentionCall:
    """The call: one tensor as query, key and value where their sizes allow it.

    The queries of the second batch are twice as large. Appended rows are 0, and so are biases.
    """
    p: Any = variant.parameters
    embed, kdim, vdim = p["embed_dim"], p["kdim"] or p["embed_dim"], p["vdim"] or p["embed_dim"]
    values = np.zeros((_BATCHES, len(_KEYS), max(embed, kdim, vdim)))
    values[..., _QUERY] = np.outer(2.0 ** np.arange(_BATCHES), _QUERIES)
    values[..., _KEY] = _KEYS
    values[..., _VALUE : _VALUE + len(_KEYS)] = np.eye(len(_KEYS))
    features = np.arange(embed)
    taken = {
        "q_proj_weight": (embed, np.full(embed, _QUERY)),
        "k_proj_weight": (kdim, np.full(embed, _KEY)),
        "v_proj_weight": (vdim, _VALUE + features % len(_KEYS)),
        "out_proj_weight": (embed, features),
    }
    weights = {name: np.eye(count)[rows] for name, (count, rows) in taken.items()}
    sizes = {"in_proj_bias": 3 * embed, "out_proj_bias": embed} if p["bias"] else {}
    sizes |= {"bias_k": embed, "bias_v": embed} if p["add_bias_kv"] else {}
    weights |= {name: np.zeros(count) for name, count in sizes.items()}
    query, key, value = (_sequence(values[..., :size], form, batch_first) for size in (embed, kdim, vdim))
    one = embed == kdim == vdim
    return AttentionCall(
        query=query,
        key=query if one else key,
        value=query if one else value,
        num_heads=p["num_heads"],
        weights={name: array.astype(form.dtype) for name, array in weights.items()},
        add_zero_attn=p["add_zero_attn"],
        batch_first=batch_first,
        average_attn_weights=False,
        path="evaluation",
    )


def _sequence(values: Array, form: Format, batch_first: bool) -> Array:
    first = values if batch_first else values.swapaxes(0, 1)
    return np.ascontiguousarray(first.astype(form.dtype))
