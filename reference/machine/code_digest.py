"""Digests of code, so that what it once computed is not taken for what it computes now."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

#: Imports of this package: of names, over several lines in parentheses, and of a module. To parse
#: the files takes ten times as long, in every process.
_IMPORTS = re.compile(
    r"^ *(?:from +(actcheck[\w.]*) +import +(\([^)]*\)|[^(\n]*)|import +(actcheck[\w.]*))", re.MULTILINE
)
_NAME = re.compile(r"\b[A-Za-z_]\w*")


def digest(files: Iterable[Path], distributions: Iterable[str] = ()) -> str:
    """SHA-256 of files' names and contents and of installed distributions' versions, and Python's own."""
    found = hashlib.sha256(repr(sys.version_info).encode())
    for name in sorted(distributions):
        found.update(f"{name} {_version(name)}\n".encode())
    for name, content in sorted((path.name, path.read_bytes()) for path in set(files)):
        found.update(f"{name} {len(content)}\n".encode() + content)
    return found.hexdigest()


def sources(*modules: str) -> tuple[Path, ...]:
    """The files of modules of this package, and of all that they import from it, directly or not."""
    seen: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            path = _file(name)
            if path is not None:
                seen[name] = path
                waiting += _imported(path)
    return tuple(seen.values())


@cache
def _imported(path: Path) -> tuple[str, ...]:
    """What a file imports; a process asks about the same files for every module of loops."""
    return tuple(_names(path))


def _names(path: Path) -> Iterator[str]:
    """More names than it imports, such as those of an example in a text, do no harm."""
    for module, names, plain in _IMPORTS.findall(path.read_text("utf-8")):
        yield module or plain
        # A name may be a module, or what a module holds.
        yield from (f"{module}.{name}" for name in _NAME.findall(names) if module)


def _file(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:  # a name within a module
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
