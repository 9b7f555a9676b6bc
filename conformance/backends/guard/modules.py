"""Module objects of a backend, guarded: what is asked of them runs in the backend's mode, on copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from actcheck.adapters.base import Array, Module, Unsupported
from actcheck.conformance.backends.guard.copies import owned, twin


class Runner(Protocol):
    """What a guarded backend does for its modules."""

    def run(self, what: str, call: Callable[[], Any]) -> Any:
        """The answer of a call in the backend's own mode."""
        ...

    def called(self, module: Any, *given: Any) -> Any:
        """A module's answer to arrays of the backend."""
        ...


class GuardedModule(Module):
    """A backend's module object."""

    def __init__(self, runner: Runner, module: Module) -> None:
        self._runner, self._module = runner, module

    def __call__(self, x: Any) -> Any:
        """The backend's answer."""
        return self._runner.called(self._module, x)

    def text(self) -> Any:
        """The backend's answer."""
        return self._ask("text")

    def pickled(self) -> Any:
        """The backend's answer."""
        return self._made("pickled")

    def copied(self) -> Any:
        """The backend's answer."""
        return self._made("copied")

    def training(self, on: bool) -> Any:
        """The backend's answer."""
        return self._made("training", on)

    def converted(self, format_name: str) -> Any:
        """The backend's answer."""
        return self._made("converted", format_name)

    def state(self) -> Any:
        """A copy of the backend's answer."""
        return owned(self._ask("state"))

    def load(self, state: Mapping[str, Array]) -> Any:
        """The backend's answer to a copy of the state."""
        return self._ask("load", {name: twin(array) for name, array in state.items()})

    def _ask(self, what: str, *given: Any) -> Any:
        return self._runner.run(f"the module's {what}", partial(getattr(self._module, what), *given))

    def _made(self, what: str, *given: Any) -> Any:
        made = self._ask(what, *given)
        return made if isinstance(made, Unsupported) else GuardedModule(self._runner, made)
