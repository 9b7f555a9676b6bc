"""A hook of mkdocs: the pages of reference, from docstrings, from argparse's help and from JSON schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from inspect import getdoc, isclass
from pathlib import Path
from typing import Any, get_type_hints

from command_help import commands_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files
from schema_page import schema_page

import actcheck

ROOT = Path(__file__).resolve().parents[2]
_LOG = get_plugin_logger("references")
_OFFERED = [name for name in actcheck.__all__ if not name.startswith("__")]
_LIBRARY = """# The library

What `import actcheck` offers, with the words of the docstrings. [The guide](../library.md) shows it at work.
"""
_SPECIFICATION = """# Fields of a specification

Every field of a YAML file in `spec/activations/`, from [its JSON Schema](../spec/schema.json.md), with which
editors complete and check a file. [Add an activation](../spec/README.md) tells how to choose values.
"""
_DEVIATIONS = """# Fields of known deviations

Every field of an entry in `adapters/deviations/`, or in a list of your own beside an adapter. A list is
drafted from results by `actcheck deviations draft`; [add a framework](../adapters/README.md) tells where it
lies.
"""
_RESULTS = """# Fields of results

`actcheck run --out` writes one JSON document, whole or not at all, and `Report.to_json()` the same. These are
its fields, from the JSON Schema that documents are held to when they are read. Fields that a check does not
have are absent. The version is raised when a field changes its meaning.
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    pages: dict[str, Callable[[], str]] = {
        "library": library_page,
        "commands": commands_page,
        "specification": lambda: _SPECIFICATION + schema_page(_schema("spec/schema.json")),
        "deviations": lambda: _DEVIATIONS + schema_page(_schema("conformance/deviations/schema.json")),
        "results": lambda: _RESULTS + schema_page(_schema("conformance/results/schema.json")),
    }
    for name, made in pages.items():
        files.append(File.generated(config, f"manual/{name}.md", content=made()))
    return files


def library_page() -> str:
    """The public names and what they return; each without words is a warning, which fails a strict build."""
    returned = list(dict.fromkeys(_returned()))
    for name, thing in [*((n, getattr(actcheck, n)) for n in _OFFERED), *_members(returned)]:
        if not getdoc(thing):
            _LOG.warning("%s is a public name of the library, and has no docstring: write one", name)
    functions = "".join(f"\n::: actcheck.{name}\n" for name in _OFFERED)
    classes = "".join(f"\n::: {c.__module__}.{c.__qualname__}\n" for c in returned)
    return f"{_LIBRARY}\n## Functions\n{functions}\n## What they return\n{classes}"


def _returned() -> Iterator[type]:
    """The package's own classes that its functions return."""
    for name in _OFFERED:
        found = get_type_hints(getattr(actcheck, name)).get("return")
        if isclass(found) and found.__module__.startswith("actcheck."):
            yield found


def _members(classes: list[type]) -> Iterator[tuple[str, Any]]:
    """The classes, their public methods and their properties, which are all that Python keeps words of."""
    for owner in classes:
        yield owner.__name__, owner
        for name, member in vars(owner).items():
            if not name.startswith("_") and (callable(member) or isinstance(member, property | classmethod)):
                yield f"{owner.__name__}.{name}", member


def _schema(path: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((ROOT / path).read_text("utf-8"))
    return schema
