"""A bare function as a backend, called with the arrays of one library: numpy, torch, jax or cupy."""

from __future__ import annotations

import importlib
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Description
from actcheck.adapters.values import Array, Function, Unsupported

#: Libraries whose arrays a function may take, each with what to install for it.
LIBRARIES: Mapping[str, str] = {"numpy": "numpy", "torch": "torch", "jax": "jax", "cupy": "cupy-cuda12x"}


class LibraryError(ValueError):
    """A library of arrays that cannot be used: which, why, and what to do."""


@dataclass(frozen=True)
class Library:
    """How host arrays become those of a library, on a device, and how they come back."""

    name: str
    version: str
    device: str
    to: Callable[[Array], Any]
    back: Callable[[Any], Array]
    #: The library's own gradient of a function at x, times an upstream, where it has one.
    differentiate: Callable[[Function, Any, Any], Any] | None = None
    synchronize: Callable[[], None] = lambda: None


def library(like: str, device: str | None, formats: tuple[str, ...]) -> Library:
    """The library with this name. Raises LibraryError where it is none, is not here, or lacks a format."""
    if like not in LIBRARIES:
        raise LibraryError(f"like={like!r}: known are {', '.join(LIBRARIES)}")
    try:
        module: Any = importlib.import_module(like)
    except ImportError as error:
        raise LibraryError(f"like={like!r} needs {like}: pip install {LIBRARIES[like]} ({error})") from error
    return _MAKERS[like](module, device, formats)


def _numpy(module: Any, device: str | None, _: tuple[str, ...]) -> Library:
    if device not in (None, "cpu"):
        raise LibraryError(
            f"device={device!r}: arrays of numpy are on the cpu; name another library by like="
        )
    return Library("numpy", module.__version__, "cpu", lambda array: array, np.asarray)


def _torch(module: Any, device: str | None, _: tuple[str, ...]) -> Library:
    from actcheck.adapters.torch_backend import arrays, gradients  # noqa: PLC0415

    where = device or "cpu"
    try:
        kind = module.empty(0, device=where).device.type
    except (RuntimeError, AssertionError) as error:
        raise LibraryError(f"device={where!r}: torch has none ({gradients.first_line(error)})") from error
    wait = module.cuda.synchronize if kind == "cuda" else lambda: None
    to = lambda array: arrays.to_tensor(array, where)  # noqa: E731
    return Library("torch", module.__version__, where, to, _host_of_torch, gradients.differentiate, wait)


def _host_of_torch(tensor: Any) -> Any:
    from actcheck.adapters.torch_backend.arrays import to_array  # noqa: PLC0415

    return to_array(tensor) if hasattr(tensor, "detach") else tensor


def _jax(module: Any, device: str | None, formats: tuple[str, ...]) -> Library:
    if "float64" in formats and not module.config.jax_enable_x64:
        raise LibraryError(
            'dtypes with float64: jax computes in float32 until jax.config.update("jax_enable_x64", True)'
        )
    kind, _, number = (device or module.default_backend()).partition(":")
    try:
        there = module.devices(kind)[int(number or 0)]
    except (RuntimeError, IndexError, ValueError) as error:
        raise LibraryError(f"device={device!r}: jax has none ({error})") from error

    def differentiate(function: Function, x: Any, upstream: Any) -> Any:
        _, pull = module.vjp(function, x)
        return pull(upstream)[0]

    return Library(
        "jax",
        module.__version__,
        kind,
        lambda array: module.device_put(array, there),
        np.asarray,
        differentiate,
    )


def _cupy(module: Any, device: str | None, formats: tuple[str, ...]) -> Library:
    if "bfloat16" in formats:
        raise LibraryError("dtypes with bfloat16: cupy has no such arrays; leave it out")
    number = int((device or "cuda:0").partition(":")[2] or 0)

    def to(array: Array) -> Any:
        with module.cuda.Device(number):
            return module.asarray(array)

    def back(array: Any) -> Any:
        return module.asnumpy(array) if isinstance(array, module.ndarray) else array

    def wait() -> None:
        module.cuda.Device(number).synchronize()

    return Library("cupy", module.__version__, f"cuda:{number}", to, back, None, wait)


_MAKERS: Mapping[str, Callable[[Any, str | None, tuple[str, ...]], Library]] = {
    "numpy": _numpy,
    "torch": _torch,
    "jax": _jax,
    "cupy": _cupy,
}


class CallableAdapter(Adapter):
    """One function of one activation as a backend.

    It is called with an array alone; parameters that are arrays (prelu's weight) are passed by their names.
    Other parameters must be those that the questions are about: the caller has bound them.
    """

    def __init__(
        self,
        function: Function,
        activation: str,
        arrays: Library,
        formats: tuple[str, ...],
        gradient: Function | None = None,
        number_model: str = "ieee",
    ) -> None:
        self.name = name_of(function)
        self._function, self._activation, self._gradient = function, activation, gradient
        self._arrays, self._formats, self._number_model = arrays, formats, number_model

    def describe(self) -> Description:
        """What the function is called with."""
        framework, version = self._arrays.name, self._arrays.version
        details = {"python": platform.python_version()}
        return Description(
            framework, version, self._arrays.device, self._formats, details, number_model=self._number_model
        )

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """The one function."""

        def call(x: Any, **parameters: Any) -> Any:
            return self._function(x, **self._own(parameters))

        return {self._activation: call}

    def to_backend(self, array: Array) -> Any:
        """The library's array."""
        return self._arrays.to(array)

    def to_host(self, array: Any) -> Array:
        """A numpy array; where numpy makes none of an answer the check tells it."""
        return self._arrays.back(array)

    def synchronize(self) -> None:
        """Wait for the device."""
        self._arrays.synchronize()

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Mapping[str, Any]) -> Any:
        """The given gradient at x times upstream, or the library's own of the function."""
        given = {n: self.to_backend(v) for n, v in parameters.items() if isinstance(v, np.ndarray)}
        if self._gradient is not None:
            return self._gradient(x, upstream, **given)
        if self._arrays.differentiate is None:
            return Unsupported(f"{self.name} has no gradient: pass gradient=, a function of (x, upstream)")
        return self._arrays.differentiate(lambda v: self._function(v, **given), x, upstream)

    @staticmethod
    def _own(parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters that are arrays."""
        plain = (bool, int, float, str, type(None))
        return {name: value for name, value in parameters.items() if not isinstance(value, plain)}


def name_of(function: Function) -> str:
    """What a function is called, for messages."""
    inner = getattr(function, "func", function)  # functools.partial
    return str(getattr(inner, "__name__", None) or type(inner).__name__)
