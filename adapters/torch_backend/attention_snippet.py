"""torch's call of multihead attention as Python text, for scripts; torch is not imported."""

from __future__ import annotations

from actcheck.adapters.base import AttentionCall

_TEXT = """\
import torch

VERSION = f"torch {{torch.__version__}}"


def array(dtype, shape, values, strides=None):
    made = torch.tensor(values, dtype=getattr(torch, dtype), device="{device}").reshape(shape)
    if strides is None:
        return made
    if 0 in strides:
        return made[tuple(slice(None if s else 1) for s in strides)].expand(shape)
    memory = made.new_zeros(1 + sum((n - 1) * s for n, s in zip(shape, strides)))
    return memory.as_strided(shape, strides).copy_(made)


def module():
    made = torch.nn.MultiheadAttention(
        {embed}, OPTIONS["num_heads"], OPTIONS["dropout"],
        bias={bias}, add_bias_kv={bias_kv}, add_zero_attn=OPTIONS["add_zero_attn"],
        kdim={kdim}, vdim={vdim}, batch_first=OPTIONS["batch_first"],
        device="{device}", dtype=torch.{format},
    )
    packed = torch.cat([WEIGHTS[name] for name in PROJECTIONS]) if {packed} else None
    for name, parameter in made.named_parameters():
        weight = packed if name == "in_proj_weight" else WEIGHTS[name.replace("out_proj.", "out_proj_")]
        parameter.data.copy_(weight.reshape(parameter.shape))
    return made.train({training})


PROJECTIONS = ("q_proj_weight", "k_proj_weight", "v_proj_weight")


def detached(results):
    return {{name: result.detach() for name, result in results.items() if result is not None}}


def attend(seed):
    torch.manual_seed(seed)
    made = module()
    masks = {{name: ARRAYS.get(name) for name in ("key_padding_mask", "attn_mask")}}
    asked = {{name: OPTIONS[name] for name in ("need_weights", "average_attn_weights", "is_causal")}}
{body}"""
_WITHOUT = """\
    with torch.set_grad_enabled({gradients}):
        output, weights = made(ARRAYS["query"], ARRAYS["key"], ARRAYS["value"], **masks, **asked)
    return detached({"output": output, "weights": weights})
"""
_WITH = """\
    leaves = {leaves}
    for leaf in leaves.values():
        leaf.requires_grad_()
    output, weights = made(ARRAYS["query"], ARRAYS["key"], ARRAYS["value"], **masks, **asked)
    leaves |= dict(made.named_parameters())
    found = torch.autograd.grad(output, list(leaves.values()), ARRAYS["upstream"], allow_unused=True)
    gradients = dict(zip(leaves, found))
    if "in_proj_weight" in gradients:
        gradients.update(zip(PROJECTIONS, gradients.pop("in_proj_weight").chunk(3)))
    for name in ("bias_k", "bias_v"):
        if name in gradients:
            gradients[name] = gradients[name].reshape(-1)
    named = {f"gradient of {name.replace('out_proj.', 'out_proj_')}": g for name, g in gradients.items()}
    return detached({"output": output, "weights": weights, **named})
"""


def attention_snippet(call: AttentionCall, device: str, training: bool, gradients: bool) -> str:
    """The text that `Adapter.attention_snippet` describes."""
    embed, kdim, vdim = (call.weights[f"{n}_proj_weight"].shape[1] for n in ("q", "k", "v"))
    with_gradients = gradients and call.upstream is not None
    return _TEXT.format(
        device=device,
        embed=embed,
        bias="in_proj_bias" in call.weights,
        bias_kv="bias_k" in call.weights,
        kdim=kdim,
        vdim=vdim,
        format=call.query.dtype.name,
        packed=embed == kdim == vdim,
        training=training,
        body=_WITH.replace("{leaves}", _leaves(call))
        if with_gradients
        else _WITHOUT.replace("{gradients}", str(gradients)),
    )


def _leaves(call: AttentionCall) -> str:
    """The tensors whose gradient is asked for, under the names of the places that they stand in."""
    places: dict[int, list[str]] = {}
    for name in ("query", "key", "value"):
        places.setdefault(id(getattr(call, name)), []).append(name)
    leaves = {"+".join(names): names[0] for names in places.values()}
    masks = {n: getattr(call, n) for n in ("key_padding_mask", "attn_mask") if call.mask_gradients}
    leaves |= {name: name for name, mask in masks.items() if mask is not None and mask.dtype.kind != "b"}
    return "{" + ", ".join(f"{name!r}: ARRAYS[{place!r}]" for name, place in leaves.items()) + "}"
