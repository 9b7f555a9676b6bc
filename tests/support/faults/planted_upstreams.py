"""Backends that multiply a right slope with a wrong number: sizes, layouts, forward mode, double backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np

from actcheck.adapters.base import Adapter, Array, Parameters
from tests.support.faults.altered import Altered, Planted, strides_of
from tests.support.faults.planted_questions import in_memory_order, without_strides

#: From x and upstream to the upstream that is used.
Read = Callable[[Array, Array], Array]
#: From the right products and the upstream to the planted ones.
Rule = Callable[[Array, Array], Array]


def _read(read: Read) -> Callable[..., Any]:
    """A method with x and a factor that misreads the factor."""

    def method(way: str, honest: Adapter, name: str, x: Array, factor: Array, parameters: Parameters) -> Any:
        return getattr(honest, way)(name, x, read(x, factor), parameters)

    return method


def _with(way: str, read: Read) -> Altered:
    return Altered(**{way: lambda honest, *given: _read(read)(way, honest, *given)})


def _by_rule(way: str, rule: Rule) -> Altered:
    def method(honest: Adapter, name: str, x: Array, factor: Array, parameters: Parameters) -> Any:
        with np.errstate(all="ignore"):
            return rule(getattr(honest, way)(name, x, factor, parameters), factor).astype(x.dtype)

    return Altered(**{way: method})


def _rounded(kind: Any) -> Read:
    def read(x: Array, u: Array) -> Array:
        with np.errstate(all="ignore"):
            return u.astype(kind).astype(u.dtype)

    return read


def _where(condition: Callable[[Array], Array], value: Any) -> Rule:
    return lambda y, u: np.where(condition(u), np.asarray(value(y, u)), y)


def _flat_memory(array: Array) -> Array:
    """As many elements as the array has, from its first one on, one after the other in memory."""
    return np.lib.stride_tricks.as_strided(array, (array.size,), (array.itemsize,)).reshape(array.shape)


def _when(condition: Callable[[Array, Array], bool], change: Read) -> Read:
    return lambda x, u: change(x, u) if u.size > 1 and condition(x, u) else u


def _gapped(array: Array) -> bool:
    return array.ndim > 1 and array.strides[-1] == array.itemsize and not array.flags.forc


def _expanded(array: Array) -> bool:
    return 0 in strides_of(array)


SIZES: dict[str, tuple[Altered, str, str]] = {
    "the sign is lost": (_with("gradient", lambda x, u: np.abs(u)), "silu-default-float32", "upstream:max"),
    "all are taken for positive where x is": (
        _with("gradient", lambda x, u: np.where(x > 0, np.abs(u), u)),
        "relu-default-bfloat16",
        "upstream:max",
    ),
    "infinite from 2^100 on": (
        _by_rule("gradient", _where(lambda u: np.abs(u) >= 2.0**100, lambda y, u: np.inf * u)),
        "elu-default-float32",
        "upstream:wrong_infinity",
    ),
    "infinite from 2^1000 on": (
        _by_rule("gradient", _where(lambda u: np.abs(u) >= 2.0**1000, lambda y, u: np.inf * u)),
        "tanh-default-float64",
        "upstream:wrong_infinity",
    ),
    "held at 2^64": (
        _with("gradient", lambda x, u: np.clip(u, -(2.0**64), 2.0**64).astype(u.dtype)),
        "gelu-default-bfloat16",
        "upstream:max",
    ),
    "held at 1000": (
        _with("gradient", lambda x, u: np.clip(u, -1000, 1000).astype(u.dtype)),
        "hardswish-default-float16",
        "upstream:max",
    ),
    "subnormal products are zero": (
        _by_rule("gradient", lambda y, u: np.where(np.abs(y) < np.finfo(y.dtype).tiny, 0 * y, y)),
        "mish-default-float32",
        "upstream:max",
    ),
    "products below 2^-100 are zero": (
        _by_rule("gradient", lambda y, u: np.where(np.abs(y) < 2.0**-100, 0 * y, y)),
        "sigmoid-default-float32",
        "upstream:lost_to_zero",
    ),
    "upstreams below 2^-64 are zero": (
        _with("gradient", lambda x, u: np.where(np.abs(u) < 2.0**-64, 0 * u, u)),
        "softsign-default-float64",
        "upstream:lost_to_zero",
    ),
    "rounded to bfloat16": (_with("gradient", _rounded(ml_dtypes.bfloat16)), "celu-default-float32", ""),
    "rounded to float16": (_with("gradient", _rounded(np.float16)), "selu-default-float32", "upstream:"),
    "rounded to float32": (_with("gradient", _rounded(np.float32)), "softplus-default-float64", "upstream:"),
    "NaN for large negative ones": (
        _by_rule("gradient", _where(lambda u: u < -(2.0**90), lambda y, u: np.nan)),
        "hardtanh-default-float32",
        "upstream:wrong_nan",
    ),
    "32 floats too large beyond 2": (
        _by_rule("gradient", _where(lambda u: np.abs(u) > 2, lambda y, u: y * (1 + 2.0**-18))),
        "leaky_relu-default-float32",
        "upstream:max",
    ),
    "dead zones pass large ones": (
        _by_rule("gradient", lambda y, u: np.where((y == 0) & (np.abs(u) > 2.0**50), u, y)),
        "hardshrink-default-float32",
        "upstream:max",
    ),
    "exp(x) times the upstream before the quotient": (
        Altered(
            gradient=lambda honest, name, x, u, p: np.where(
                np.abs(x) < 20, (np.exp(x) * u) / (np.exp(x) + np.float32(1)), honest.gradient(name, x, u, p)
            ).astype(x.dtype)
        ),
        "softplus-default-float32",
        "upstream:wrong_infinity",
    ),
}
LAYOUTS: dict[str, Read] = {
    "one of expanded rows": _when(lambda x, u: _expanded(u), lambda x, u: np.full_like(u, u.flat[0])),
    "expanded ones without their strides": _when(
        lambda x, u: _expanded(u), lambda x, u: np.resize(np.unique(u), u.shape)
    ),
    "strided ones without their strides": without_strides,
    "by columns in the order of memory": in_memory_order,
    "gaps read": _when(lambda x, u: _gapped(u), lambda x, u: _flat_memory(u)),
    "reversed ones forwards": _when(
        lambda x, u: strides_of(u)[:1] < (0,), lambda x, u: np.ascontiguousarray(u[::-1])
    ),
    "reversed rows forwards": _when(
        lambda x, u: min(strides_of(u)) < 0 and u.ndim == 2, lambda x, u: u[:, ::-1]
    ),
    "by the strides of x": _when(
        lambda x, u: u.ndim == 2 and x.flags.f_contiguous and not u.flags.f_contiguous,
        lambda x, u: u.ravel().reshape(u.shape[::-1]).T,
    ),
    "x and upstream both by columns": _when(
        lambda x, u: u.ndim > 1 and strides_of(x) == strides_of(u) and not u.flags.c_contiguous,
        lambda x, u: np.roll(u, 1),
    ),
    "both reversed": _when(
        lambda x, u: max(strides_of(x)) < 0 and max(strides_of(u)) < 0, lambda x, u: u[::-1]
    ),
    "channels last": _when(lambda x, u: u.ndim == 4 and not u.flags.c_contiguous, lambda x, u: np.roll(u, 1)),
}


def _overwriting(honest: Adapter, name: str, x: Array, u: Array, p: Parameters) -> Any:
    y = honest.gradient(name, x, u, p)
    if u.flags.writeable and u.size:
        u *= 2
    return y


def _jvp(change: Callable[[Array, Array, Array], Array]) -> Altered:
    """From x, tangent and the right product to the planted one."""

    def method(honest: Adapter, name: str, x: Array, tangent: Array, p: Parameters) -> Any:
        with np.errstate(all="ignore"):
            return change(x, tangent, honest.jvp(name, x, tangent, p))

    return Altered(jvp=method)


def _raising(*given: Any) -> Any:
    raise RuntimeError("forward mode is not implemented for this layout")


TANGENTS: dict[str, tuple[Altered, str, str]] = {
    "ones for the tangent": (
        _with("jvp", lambda x, u: np.ones_like(u)),
        "tanh-default-float32",
        "tangent:max",
    ),
    "its sign is lost": (_with("jvp", lambda x, u: np.abs(u)), "mish-default-bfloat16", "tangent:max"),
    "minus the slope at a kink": (
        _jvp(lambda x, t, y: np.where(x == 0, -t, y)),
        "relu-default-float32",
        "tangent:max",
    ),
    "NaN at a kink": (
        _jvp(lambda x, t, y: np.where(np.abs(x) == 3, np.nan, y).astype(y.dtype)),
        "hardswish-default-float32",
        "tangent:wrong_nan",
    ),
    "strides forgotten": (_with("jvp", without_strides), "elu-default-*", "tangent:"),
    "infinite for large ones": (
        _jvp(lambda x, t, y: np.where(np.abs(t) > 2.0**100, np.inf * y, y)),
        "sigmoid-default-float32",
        "tangent:wrong_infinity",
    ),
    "the other gelu": (
        Altered(jvp=lambda honest, name, x, t, p: honest.jvp("gelu", x, t, {"approximate": "tanh"})),
        "gelu-default-float32",
        "tangent:max",
    ),
    "raises": (Altered(jvp=_raising), "selu-default-float16", "tangent:raised"),
    "another format": (
        _jvp(lambda x, t, y: y.astype(np.float64)),
        "celu-default-bfloat16",
        "tangent:wrong_format",
    ),
    "small products lost": (
        _jvp(lambda x, t, y: np.where(np.abs(y) < 2.0**-90, 0 * y, y)),
        "silu-default-float32",
        "tangent:lost_to_zero",
    ),
}


def _double(change: Callable[..., Any]) -> Altered:
    """From the right answer, x, upstream and second upstream to the planted answer."""

    def method(honest: Adapter, name: str, x: Array, u: Array, v: Array, p: Parameters) -> Any:
        with np.errstate(all="ignore"):
            return change(honest.double_backward(name, x, u, v, p), x, u, v)

    return Altered(double_backward=method)


def _misread(read: Read) -> Altered:
    return Altered(
        double_backward=lambda honest, name, x, u, v, p: honest.double_backward(
            name, x, read(x, u), read(x, v), p
        )
    )


TWICE: dict[str, tuple[Altered, str, str]] = {
    "nothing for an upstream of 0": (
        _double(lambda found, x, u, v: replace(found, upstream=np.where(u == 0, u, found.upstream))),
        "silu-default-float32-gradient",
        "by_upstream:",
    ),
    "times the upstream again": (
        _double(lambda found, x, u, v: replace(found, upstream=found.upstream * u)),
        "tanh-default-bfloat16-gradient",
        "by_upstream:",
    ),
    "NaN from 0 by 0": (
        _double(lambda found, x, u, v: replace(found, upstream=found.upstream * u / u)),
        "gelu-default-float64-gradient",
        "by_upstream:wrong_nan",
    ),
    "the second upstream forgotten": (
        _double(lambda found, x, u, v: replace(found, upstream=found.upstream / v)),
        "elu-default-float32-gradient",
        "by_upstream:max",
    ),
    "the upstream's sign lost": (
        _double(lambda found, x, u, v: replace(found, input=found.input * np.sign(u))),
        "mish-default-float32-second_derivative",
        "upstream:max",
    ),
    "the second upstream's sign lost": (
        _double(lambda found, x, u, v: replace(found, input=found.input * np.sign(v))),
        "sigmoid-default-float64-second_derivative",
        "second_upstream:max",
    ),
    "infinite for large upstreams": (
        _double(
            lambda found, x, u, v: replace(
                found, input=np.where(np.abs(u) > 2.0**100, np.inf * found.input, found.input)
            )
        ),
        "softplus-default-float32-second_derivative",
        "upstream:wrong_",
    ),
    "small products lost": (
        _double(
            lambda found, x, u, v: replace(
                found, input=np.where(np.abs(found.input) < 2.0**-60, 0 * v, found.input)
            )
        ),
        "softsign-default-bfloat16-second_derivative",
        "upstream:lost_to_zero",
    ),
    "strides forgotten": (_misread(without_strides), "tanhshrink-default-*-second_derivative", ""),
    "columns in the order of memory": (
        _misread(in_memory_order),
        "logsigmoid-default-*-second_derivative",
        "",
    ),
    "raises for the second upstream": (
        Altered(double_backward=_raising),
        "selu-default-float16-gradient",
        "",
    ),
}


def planted() -> Iterator[Planted]:
    """All of them, with the question that owns each."""
    for name, (adapter, question, what) in {
        **SIZES,
        **{f"tangent: {n}": t for n, t in TANGENTS.items()},
    }.items():
        yield Planted(name, adapter, f"accuracy-{question}-gradient", what)
    for name, (adapter, question, what) in TWICE.items():
        yield Planted(f"double backward: {name}", adapter, f"accuracy-{question}", what)
    activations = (
        "tanh",
        "silu",
        "gelu",
        "relu",
        "elu",
        "mish",
        "sigmoid",
        "celu",
        "hardtanh",
        "softsign",
        "selu",
    )
    for (name, read), activation in zip(LAYOUTS.items(), activations, strict=True):
        question = f"accuracy-{activation}-default-*-gradient"
        yield Planted(f"layout: {name}", _with("gradient", read), question, "upstream:max")
    overwriting = Altered(gradient=_overwriting)
    yield Planted("overwritten", overwriting, "accuracy-silu-default-float32-gradient", "input_changed")
