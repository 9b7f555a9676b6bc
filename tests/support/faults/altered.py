"""The numpy backend with some of its methods replaced: how most faults of ways of calling are planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from actcheck.adapters.base import Adapter, Array, Module
from actcheck.adapters.numpy_backend import NumpyAdapter

#: Given the honest backend and the arguments of a method, its planted answer.
Method = Callable[..., Any]


class Altered(NumpyAdapter):
    """Methods by name; each gets an honest backend before its own arguments."""

    name = "planted"

    def __init__(self, **methods: Method) -> None:
        for name, method in methods.items():
            setattr(self, name, partial(method, NumpyAdapter()))


class AlteredModule(Module):
    """A module with some methods replaced; each gets the honest module before its own arguments.

    So have the modules that it gives.
    """

    def __init__(self, module: Module, **methods: Method) -> None:
        self.module, self.methods = module, methods

    def __call__(self, x: Any) -> Any:
        return self._ask("__call__", x)

    def text(self) -> Any:
        return self._ask("text")

    def pickled(self) -> Any:
        return self._ask("pickled")

    def copied(self) -> Any:
        return self._ask("copied")

    def training(self, on: bool) -> Any:
        return self._ask("training", on)

    def converted(self, format_name: str) -> Any:
        return self._ask("converted", format_name)

    def state(self) -> Any:
        return self._ask("state")

    def load(self, state: Any) -> Any:
        return self._ask("load", state)

    def _ask(self, name: str, *given: Any) -> Any:
        if name in self.methods:
            return self.methods[name](self.module, *given)
        found = getattr(self.module, name)(*given)
        return AlteredModule(found, **self.methods) if isinstance(found, Module) else found


def with_module(**methods: Method) -> Altered:
    """A backend whose module objects have some methods replaced."""

    def made(honest: Adapter, *given: Any) -> Module:
        module = honest.module_object(*given)
        assert isinstance(module, Module)
        return AlteredModule(module, **methods)

    return Altered(module_object=made)


@dataclass(frozen=True)
class Planted:
    """A faulty backend, and the questions of which one must catch it."""

    name: str
    adapter: Adapter
    #: Of the check that owns the fault; may hold wildcards.
    question: str
    #: The kind of fault that must be told, or the beginning of it; any where it is empty.
    what: str = field(default="")
    #: Quick cannot see it.
    full: bool = False


def strides_of(array: Array) -> tuple[int, ...]:
    """Strides in elements, of dimensions with more than one."""
    return tuple(s // array.itemsize for s, n in zip(array.strides, array.shape, strict=True) if n > 1)
