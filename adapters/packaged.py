"""An adapter of packages that need not be installed: without them its answers say what to install."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from actcheck.adapters.base import Adapter, Description, Function, Unsupported


class Packaged(Adapter):
    """Subclass, name the packages, and write `described` and `own_functions`, which may import them."""

    #: What is imported, the framework first.
    packages: tuple[str, ...] = ()
    #: The extra of actcheck that installs them.
    extra: str = ""
    device: str = "cpu"
    #: Whose conventions it follows: a name of spec/dialects.yaml; empty for torch's.
    dialect: str = ""

    def described(self) -> Description:
        """The description, where the packages are installed."""
        raise NotImplementedError(f"{type(self).__name__} must define described()")

    def own_functions(self) -> Mapping[str, Function | Unsupported]:
        """The functions by activation id, where the packages are installed."""
        raise NotImplementedError(f"{type(self).__name__} must define own_functions()")

    def describe(self) -> Description:
        """The framework's version and device, or what to install."""
        missing = self._missing()
        if missing is None:
            return self.described()
        told = missing.reason
        return Description(self.packages[0], "none", self.device, unavailable=told, dialect=self.dialect)

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """The framework's own functions by activation id; none where it is not installed."""
        return {} if self._missing() else self.own_functions()

    def lookup(self, activation: str) -> Function | Unsupported:
        """The framework's own function, or why there is none."""
        return self._missing() or super().lookup(activation)

    def _missing(self) -> Unsupported | None:
        absent = [package for package in self.packages if find_spec(package) is None]
        install = f"pip install 'actcheck[{self.extra or self.packages[0]}]'"
        return Unsupported(f"{absent[0]} is not installed: {install}") if absent else None
