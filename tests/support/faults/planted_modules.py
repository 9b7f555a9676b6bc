"""Backends whose modules are other ones once they were written out, copied, converted, loaded or printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Array, Module
from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.support.faults.altered import Altered, AlteredModule, Planted, with_module
from tests.support.faults.planted_places import next_float


def _default(activation: str) -> Callable[..., Module]:
    """The module with its default parameters, whatever it had."""

    def made(module: Module, *given: Any) -> Module:
        found = NumpyAdapter().module_object(activation, {}, "float32", 0)
        assert isinstance(found, Module)
        return found

    return made


def _bent(change: Callable[[Array], Array]) -> Callable[..., Module]:
    """A module with other results."""
    return lambda module, *given: AlteredModule(module, __call__=lambda own, x: change(own(x)))


def _with_weights(change: Callable[[Array], Array]) -> Callable[..., Module]:
    """A copy with other weights."""

    def made(module: Any, *given: Any) -> Module:
        copy: Module = module.copied()
        copy.load({name: change(weight) for name, weight in module.state().items()})
        return copy

    return made


def _loading(change: Callable[[Mapping[str, Array]], Mapping[str, Array]]) -> Altered:
    return with_module(load=lambda module, state: module.load(change(state)))


def _text(change: Callable[[str], str]) -> Altered:
    return with_module(text=lambda module: change(module.text()))


def _initial(change: Callable[[Array], Array]) -> Altered:
    """prelu with other initial weights."""

    def made(honest: Adapter, *given: Any) -> Any:
        module: Any = honest.module_object(*given)
        module.load({name: change(weight) for name, weight in module.state().items()})
        return module

    return Altered(module_object=made)


def _through_half(x: Array) -> Array:
    with np.errstate(over="ignore"):
        return x.astype(np.float16).astype(x.dtype)


_PRELU = "prelu-num_parameters=3,init=0.5-float32"
MODULES: dict[str, tuple[Altered, str, str]] = {
    "pickle drops a parameter": (
        with_module(pickled=_default("elu")),
        "elu-alpha=-1.7-float32",
        "differs:pickled",
    ),
    "pickle drops the weights": (with_module(pickled=_default("prelu")), _PRELU, "state:pickled"),
    "pickle refused": (
        with_module(pickled=lambda module: (_ for _ in ()).throw(TypeError("cannot pickle a lambda"))),
        "silu-default-float32",
        "raised:pickled",
    ),
    "a copy forgets a parameter": (
        with_module(copied=_default("leaky_relu")),
        "leaky_relu-negative_slope=-0.3-float32",
        "differs:copied",
    ),
    "a copy shares its weights": (with_module(copied=lambda module: module), _PRELU, "state:shared"),
    "a copy has new weights": (with_module(copied=_with_weights(np.zeros_like)), _PRELU, "state:copied"),
    "training differs": (
        with_module(training=_bent(lambda y: 2 * y)),
        "gelu-default-float32",
        "differs:training",
    ),
    "evaluation does not come back": (
        with_module(training=lambda module, on: _bent(next_float)(module)),
        "tanh-default-float64",
        "differs:",
    ),
    "training has another format": (
        with_module(training=_bent(lambda y: y.astype(np.float32))),
        "relu-default-float16",
        "wrong_format:training",
    ),
    "state lacks the weights": (with_module(state=lambda module: {}), _PRELU, "state:"),
    "state has other names": (
        with_module(state=lambda module: {f"own_{n}": w for n, w in module.state().items()}),
        "prelu-default-bfloat16",
        "state:",
    ),
    "loading is ignored": (with_module(load=lambda module, state: None), _PRELU, "state:"),
    "loading turns the channels round": (
        _loading(lambda state: {n: w[::-1] for n, w in state.items()}),
        _PRELU,
        "state:",
    ),
    "loading loses digits": (
        _loading(lambda state: {n: _through_half(w) for n, w in state.items()}),
        "prelu-init=-0.3-float32",
        "state:",
    ),
    "conversion through float16": (
        with_module(converted=_with_weights(_through_half)),
        "prelu-init=-0.3-float32",
        "state:converted",
    ),
    "conversion resets the weights": (with_module(converted=_default("prelu")), _PRELU, "state:converted"),
    "conversion keeps constants of less": (
        with_module(converted=_bent(_through_half)),
        "softplus-beta=0.001-float32",
        "differs:converted",
    ),
    "as it is, another function": (
        with_module(__call__=lambda module, x: np.abs(module(x))),
        "glu-default-float32",
        "differs:as_it_is",
    ),
    "a module of another shape": (
        with_module(__call__=lambda module, x: module(x).ravel()),
        "crelu-default-float16",
        "wrong_format:as_it_is",
    ),
    "initial weights of 0.2": (
        _initial(lambda w: np.full_like(w, 0.2)),
        "prelu-default-float32",
        "initial:weight",
    ),
    "only the first weight starts from init": (
        _initial(lambda w: np.where(np.arange(w.size) == 0, w, 0).astype(w.dtype)),
        _PRELU,
        "initial:weight",
    ),
    "one weight for three": (_initial(lambda w: w[:1]), _PRELU, "initial:weight"),
    "text without the slope": (
        _text(lambda text: text.split("(")[0] + "()"),
        "leaky_relu-negative_slope=-0.3-float32",
        "repr:negative_slope",
    ),
    "text with the default": (
        _text(lambda text: text.replace("-1.7", "1.0")),
        "elu-alpha=-1.7-float32",
        "repr:alpha",
    ),
    "text with another word": (
        _text(lambda text: text.replace("tanh", "none")),
        "gelu-approximate=tanh-float32",
        "repr:approximate",
    ),
}


class Drawn(Module):
    """Attention's initial weights, drawn as torch documents them; its results are not asked for."""

    def __init__(self, state: Mapping[str, Array]) -> None:
        self.weights = state

    def text(self) -> str:
        return "MultiheadAttention(embed_dim=12, num_heads=3, add_bias_kv=True)"

    def state(self) -> Mapping[str, Array]:
        return self.weights

    def pickled(self) -> Module:
        return Drawn({name: weight.copy() for name, weight in self.weights.items()})

    def copied(self) -> Module:
        return self.pickled()


def _attention_state(embed: int, appended: bool, random: np.random.Generator) -> dict[str, Array]:
    inner, outer = (6 / (4 * embed)) ** 0.5, embed**-0.5
    state = {
        "in_proj_weight": random.uniform(-inner, inner, (3 * embed, embed)),
        "in_proj_bias": np.zeros(3 * embed),
        "out_proj_weight": random.uniform(-outer, outer, (embed, embed)),
        "out_proj_bias": np.zeros(embed),
    }
    if appended:
        state |= {name: random.normal(0, embed**-0.5, (1, 1, embed)) for name in ("bias_k", "bias_v")}
    return {name: weight.astype(np.float32) for name, weight in state.items()}


def drawing(name: str = "", change: Callable[[Array], Array] | None = None) -> Altered:
    """A backend with attention modules; one array of weights may be changed."""

    def made(honest: Adapter, activation: str, parameters: Any, format_name: str, seed: int) -> Any:
        random = np.random.default_rng(seed)
        state = _attention_state(parameters["embed_dim"], parameters.get("add_bias_kv", False), random)
        if change:
            state[name] = change(state[name]).astype(np.float32)
        return Drawn(state)

    return Altered(module_object=made)


#: Each weight that is changed, with a question about a module that has it.
INITIAL: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "in_proj_weight twice as wide": ("in_proj_weight", lambda w: 2 * w),
    "in_proj_weight 1 % too wide": ("in_proj_weight", lambda w: 1.01 * w),
    "in_proj_weight normal": (
        "in_proj_weight",
        lambda w: np.random.default_rng(1).normal(0, w.std(), w.shape),
    ),
    "in_proj_weight without a sign": ("in_proj_weight", np.abs),
    "in_proj_bias not zero": ("in_proj_bias", lambda w: w + 0.01),
    "out_proj_weight by Xavier": ("out_proj_weight", lambda w: w * (3.0**0.5)),
    "out_proj_bias not zero": ("out_proj_bias", lambda w: w + np.arange(w.size) / 8),
    "bias_k zero": ("bias_k", np.zeros_like),
    "bias_v without a sign": ("bias_v", lambda w: np.abs(w) % 0.5),
}


def planted() -> Iterator[Planted]:
    """All of them, with the question that owns each."""
    for name, (adapter, question, what) in MODULES.items():
        yield Planted(f"module: {name}", adapter, f"module_form-{question}-forward", what)
    variant = "embed_dim=12,num_heads=3,add_bias_kv=True"
    for name, (weight, change) in INITIAL.items():
        question = f"module_form-multihead_attention-{variant}-float32-forward"
        yield Planted(f"module: {name}", drawing(weight, change), question, f"initial:{weight}")
