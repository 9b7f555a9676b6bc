"""The executable specification of neural-network activation functions."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

__version__ = version("actcheck")
if not Path(__file__).with_name("reference").is_dir():
    # A checkout without symbolic links has files in their place, and the folders beside this one.
    __path__.append(str(Path(__file__).resolve().parents[1]))

#: What the package offers, each with its module and its name there, imported when it is asked for; types are
#: told by ``__init__.pyi``.
_OFFERED = {
    "assert_conforms": ("actcheck.conformance.library.check", "assert_conforms"),
    "check": ("actcheck.conformance.library.check", "check"),
    "enclosure": ("actcheck.reference.answers.values", "enclosure"),
    "exact": ("actcheck.reference.answers.values", "exact"),
    "specification": ("actcheck.reference.specification.loading", "find"),
    "sweep": ("actcheck.conformance.library.check", "sweep"),
    "ulp_error": ("actcheck.reference.answers.errors", "ulp_error"),
}
__all__ = ["__version__", *_OFFERED]


def __getattr__(name: str) -> Any:
    if name not in _OFFERED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _OFFERED[name]
    found = globals()[name] = getattr(importlib.import_module(module), attribute)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_OFFERED})
