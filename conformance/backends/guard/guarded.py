"""The one layer through which the harness asks a backend: no check has to think of what it may reach."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache, partial
from inspect import signature
from typing import Any, TypeVar

from actcheck.adapters import registry
from actcheck.adapters.base import (
    Adapter,
    Array,
    AttentionCall,
    Description,
    Function,
    Index,
    Parameters,
    Unsupported,
)
from actcheck.conformance.backends.guard.copies import owned
from actcheck.conformance.backends.guard.lending import Lending
from actcheck.conformance.backends.guard.modules import GuardedModule
from actcheck.conformance.model import Fault
from actcheck.reference.machine.environment.apart import Apart, ModeError

T = TypeVar("T")
#: The kind of the fault that a changed mode of the processor is.
ENVIRONMENT_CHANGED = "environment_changed"


def find(name: str) -> Guarded:
    """The adapter of a name, guarded from its first line on.

    Raises AdapterError as `registry.find` does, and where it changes the processor's mode for good.
    """
    apart = Apart()
    try:
        return Guarded(apart.load(partial(registry.find, name)), apart)
    except ModeError as error:
        raise registry.AdapterError(f"{name}: {error}") from error


def guard(adapter: Adapter) -> Guarded:
    """The adapter, guarded if it is not yet."""
    return adapter if isinstance(adapter, Guarded) else Guarded(adapter)


def unguarded(adapter: Adapter) -> Adapter:
    """The adapter itself."""
    return adapter.backend if isinstance(adapter, Guarded) else adapter


@cache
def _arguments(method: str) -> tuple[str, ...]:
    """The names of the arguments of a method of adapters."""
    return tuple(signature(getattr(Adapter, method)).parameters)[1:]


class Guarded(Adapter):
    """A backend that gets copies of its arguments and computes in a mode of its own; results are copies.

    What a call did to its arguments and to the processor's mode is kept as faults until it is `taken`.
    """

    def __init__(self, backend: Adapter, apart: Apart | None = None) -> None:
        self.backend = backend
        self.name = backend.name
        self.apart = apart or Apart()
        #: By kind, and by the name of the argument or call.
        self._faults: dict[tuple[str, str], Fault] = {}
        #: What `to_backend` handed out for the next call of a module.
        self._handed = Lending()

    def taken(self) -> tuple[Fault, ...]:
        """The faults since this was last asked; of each kind and argument or call the first."""
        faults, self._faults = tuple(self._faults.values()), {}
        return faults

    def run(self, what: str, call: Callable[[], T]) -> T:
        """The answer of a call of the backend in its own mode; ``what`` names it."""
        asker = os.getpid()
        try:
            return self.apart.run(call)
        finally:
            if os.getpid() != asker:
                os._exit(0)  # a child that the call has forked must not go on in its parent's place
            if self.apart.change:
                told = f"after a call of {what} the processor {self.apart.change}; restore its mode there"
                self.note(what, Fault(ENVIRONMENT_CHANGED, f"{ENVIRONMENT_CHANGED}: {told}"))

    def note(self, name: str, fault: Fault) -> None:
        """Keep a fault that a call showed beside its answer."""
        self._faults.setdefault((fault.what, name), fault)

    def _ask(self, what: str, *given: Any, spared: tuple[str, ...] = ()) -> Any:
        """What a method answers to copies of these arguments, given by position."""
        lending = Lending()
        lent = [lending.lend(name, value) for name, value in zip(_arguments(what), given, strict=True)]
        try:
            return owned(self.run(what, partial(getattr(self.backend, what), *lent)))
        finally:
            self._compare(lending, spared)

    def _compare(self, lending: Lending, spared: tuple[str, ...] = ()) -> None:
        for name, fault in lending.changes(spared):
            self.note(name, fault)

    # What may load more of the framework.

    def describe(self) -> Description:
        """The backend's own answer."""
        return self.apart.load(self.backend.describe)

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """The backend's own answer."""
        return self.apart.load(self.backend.functions)

    def lookup(self, activation: str) -> Function | Unsupported:
        """The backend's own answer."""
        return self.apart.load(partial(self.backend.lookup, activation))

    def limit(
        self, activation: str, parameters: Parameters, format_name: str, quantity: str
    ) -> Unsupported | None:
        """The backend's own answer."""
        ask = partial(self.backend.limit, activation, {**parameters}, format_name, quantity)
        return self.apart.load(ask)

    def attention_paths(self) -> tuple[str, ...]:
        """The backend's own answer."""
        return self.apart.load(self.backend.attention_paths)

    def use_threads(self, count: int) -> bool:
        """The backend's own answer."""
        return self.apart.load(partial(self.backend.use_threads, count))

    # What takes host arrays: copies are handed out, and answers copied.

    def forward(self, activation: str, x: Array, parameters: Parameters) -> Any:
        """The backend's answer."""
        return self._ask("forward", activation, x, parameters)

    def gradient(self, activation: str, x: Array, upstream: Array, parameters: Parameters) -> Any:
        """The backend's answer."""
        return self._ask("gradient", activation, x, upstream, parameters)

    def second_derivative(self, activation: str, x: Array, parameters: Parameters) -> Any:
        """The backend's answer."""
        return self._ask("second_derivative", activation, x, parameters)

    def weight_gradient(self, activation: str, x: Array, upstream: Array, parameters: Parameters) -> Any:
        """The backend's answer."""
        return self._ask("weight_gradient", activation, x, upstream, parameters)

    def in_place(self, activation: str, x: Array, upstream: Array, parameters: Parameters) -> Any:
        """The backend's answer; x is written to, which is what is asked for."""
        return self._ask("in_place", activation, x, upstream, parameters, spared=("x",))

    def in_place_slice(
        self, activation: str, base: Array, index: Index, upstream: Array, parameters: Parameters
    ) -> Any:
        """The backend's answer."""
        return self._ask("in_place_slice", activation, base, index, upstream, parameters, spared=("base",))

    def write_out(self, activation: str, x: Array, base: Array, index: Index, parameters: Parameters) -> Any:
        """The backend's answer."""
        return self._ask("write_out", activation, x, base, index, parameters, spared=("base",))

    def jvp(self, activation: str, x: Array, tangent: Array, parameters: Parameters) -> Any:
        """The backend's answer."""
        return self._ask("jvp", activation, x, tangent, parameters)

    def double_backward(
        self, activation: str, x: Array, upstream: Array, second: Array, parameters: Parameters
    ) -> Any:
        """The backend's answer."""
        return self._ask("double_backward", activation, x, upstream, second, parameters)

    def recorded(self, activation: str, x: Array, parameters: Parameters) -> Any:
        """The backend's answer."""
        return self._ask("recorded", activation, x, parameters)

    def module_object(self, activation: str, parameters: Parameters, format_name: str, seed: int) -> Any:
        """The backend's module, whose calls are guarded as well."""
        made = self._ask("module_object", activation, parameters, format_name, seed)
        return made if isinstance(made, Unsupported) else GuardedModule(self, made)

    def sample(self, activation: str, x: Array, upstream: Array, parameters: Parameters, seed: int) -> Any:
        """The backend's answer."""
        return self._ask("sample", activation, x, upstream, parameters, seed)

    def attention(self, call: AttentionCall) -> Any:
        """The backend's answer."""
        return self._ask("attention", call)

    def defaults(self, activation: str) -> Any:
        """The backend's answer."""
        return self._ask("defaults", activation)

    def module(self, activation: str, parameters: Parameters) -> Function | Unsupported:
        """The backend's module, whose calls are guarded as well."""
        made = self._ask("module", activation, parameters)
        return made if isinstance(made, Unsupported) else partial(self.called, made)

    def called(self, module: Function, *given: Any) -> Any:
        """A module's answer to arrays of `to_backend`."""
        try:
            return self.run("the module", partial(module, *given))
        finally:
            self._compare(self._handed)
            self._handed = Lending()

    # What takes the backend's own arrays.

    def to_backend(self, array: Array) -> Any:
        """The backend's array of a copy."""
        lent = self._handed.lend("x", array)
        return self.run("to_backend", partial(self.backend.to_backend, lent))

    def to_host(self, array: Any) -> Array:
        """A copy of the backend's answer."""
        answer: Array = owned(self.run("to_host", partial(self.backend.to_host, array)))
        return answer

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        """The backend's answer; its own arrays are its own."""
        return self.run("call", partial(self.backend.call, activation, x, {**parameters}))

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        """The backend's answer; its own arrays are its own."""
        ask = partial(self.backend.call_gradient, activation, x, upstream, {**parameters})
        return self.run("call_gradient", ask)

    def call_second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        """The backend's answer; its own arrays are its own."""
        ask = partial(self.backend.call_second_derivative, activation, x, {**parameters})
        return self.run("call_second_derivative", ask)

    def consecutive(self, start: int, count: int, positive: bool) -> Any:
        """The backend's own array."""
        return self.run("consecutive", partial(self.backend.consecutive, start, count, positive))

    def synchronize(self) -> None:
        """Wait for the device."""
        self.run("synchronize", self.backend.synchronize)
