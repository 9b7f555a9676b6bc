"""What an adapter says of its backend, and what larger calls of it are given and answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from actcheck.adapters.values import Array, Unsupported


@dataclass(frozen=True)
class Description:
    """What a backend says of itself."""

    framework: str
    version: str
    device: str
    #: Formats it computes in, by their names in the specification.
    formats: tuple[str, ...] = ("float16", "bfloat16", "float32", "float64")
    #: Anything else worth printing: threads, instruction set, build.
    details: Mapping[str, str] = field(default_factory=dict)
    #: Why nothing can run here (no such device, say); None when all is well.
    unavailable: str | None = None
    #: The arithmetic that the framework documents: ``ieee``, ``flush_results``, ``flush_inputs_and_results``,
    #: ``no_zero_sign``, or several joined by ``+``. Results are judged in it.
    number_model: str = "ieee"
    #: Quantities that it computes at all: an inference runtime has no gradients.
    quantities: tuple[str, ...] = ("forward", "gradient", "second_derivative", "weight_gradient")
    #: It compiles for every new shape: quick runs then ask fewer shapes.
    dear_shapes: bool = False
    #: Whose conventions it follows: a name of spec/dialects.yaml; empty for torch's.
    dialect: str = ""


@dataclass(frozen=True)
class InPlace:
    """What an in-place call did."""

    result: Array
    #: The result lies where the input lay.
    same_storage: bool
    #: The gradient through the in-place call, or why there is none.
    gradient: Array | Unsupported


@dataclass(frozen=True)
class AttentionCall:
    """One call of multihead attention, as numbers: nothing is left to a default.

    Shapes, with L queries, S keys, N batches, E = embed_dim: query (L, N, E), key (S, N, kdim),
    value (S, N, vdim); (N, L, E) and so on with ``batch_first``; without N when unbatched.
    """

    query: Array
    key: Array
    value: Array
    num_heads: int
    #: q_proj_weight (E, E), k_proj_weight (E, kdim), v_proj_weight (E, vdim), in_proj_bias (3E,),
    #: out_proj_weight (E, E), out_proj_bias (E,), bias_k and bias_v (E,); absent where not used.
    weights: Mapping[str, Array]
    add_zero_attn: bool = False
    batch_first: bool = False
    #: (N, S), or (S,) unbatched: boolean, True leaves the key out; or float, added to the logits.
    key_padding_mask: Array | None = None
    #: (L, S) or (N * num_heads, L, S): boolean, True is not allowed; or float, added to the logits.
    attn_mask: Array | None = None
    need_weights: bool = True
    average_attn_weights: bool = True
    is_causal: bool = False
    #: Probability with which a weight is dropped, in training only.
    dropout: float = 0.0
    #: One of the adapter's `attention_paths`.
    path: str = "training"
    #: Gradient of a scalar loss with respect to the output; None asks for no gradients.
    upstream: Array | None = None
    #: Whether, with an upstream, gradients of float masks are asked for too.
    mask_gradients: bool = False
    seed: int = 0


@dataclass(frozen=True)
class AttentionResult:
    """Output, weights (None unless asked for) and gradients by name (query, key, value, weights, masks).

    Inputs that are one array may have one gradient, under their names joined by +, as in query+key+value.
    """

    output: Array
    weights: Array | None = None
    gradients: Mapping[str, Array] = field(default_factory=dict)
