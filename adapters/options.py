"""Options of a backend, as part of its name: ``openvino[device=GPU,threads=1]`` is a backend of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_NAMED = re.compile(r"(?P<name>.+)\[(?P<options>[A-Za-z_]\w*=[^\[\]]*)\]")
_OPTION = re.compile(r"(?P<option>[A-Za-z_]\w*)=(?P<value>[^,\[\]]+)")


class OptionError(ValueError):
    """An option that is not of the form NAME=VALUE; the text says what is wrong."""


def with_options(name: str, given: Iterable[str]) -> str:
    """The name of a backend with more options, each ``NAME=VALUE``. Raises OptionError."""
    bare, options = parted(name)
    options = {**options, **dict(_option(text) for text in given)}
    return f"{bare}[{told(options)}]" if options else bare


def parted(name: str) -> tuple[str, dict[str, str]]:
    """The name without its options, and these. Raises OptionError."""
    match = _NAMED.fullmatch(name)
    if not match:
        return name, {}
    return match["name"], dict(_option(text) for text in match["options"].split(","))


def told(options: Mapping[str, str]) -> str:
    """``device=GPU,threads=1``."""
    return ",".join(f"{name}={value}" for name, value in options.items())


def _option(text: str) -> tuple[str, str]:
    match = _OPTION.fullmatch(text.strip())
    if not match:
        raise OptionError(f"{text!r} is no option: write NAME=VALUE, without commas and brackets in VALUE")
    return match["option"], match["value"].strip()
