"""A hook of mkdocs: a page for each activation, made from its specification, and the page of them all.

Those of spec/order.txt come first, in that order; whatever else is shipped stands in a group of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from activation_page import activation_page, overview_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from actcheck.reference.specification.loading import groups
from actcheck.reference.specification.model import Spec

#: The section of the navigation that is filled.
_SECTION = "Activations"
_OVERVIEW = "activations/index.md"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fill the section of the navigation."""
    section = next(entry for entry in config.nav or [] if _SECTION in entry)
    section[_SECTION] = [_OVERVIEW, *_entries()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    files.append(File.generated(config, _OVERVIEW, content=overview_page(groups())))
    for _, specs in groups():
        for spec in specs:
            files.append(File.generated(config, _path(spec), content=activation_page(spec)))
    return files


def _entries() -> Iterator[dict[str, Any]]:
    """What the navigation shows: titles, escaped since mkdocs does not."""
    (_, first), *others = groups()
    yield from ({escape(s.title): _path(s)} for s in first)
    for name, specs in others:
        yield {name: [{escape(s.title): _path(s)} for s in specs]}


def _path(spec: Spec) -> str:
    return f"activations/{spec.id}.md"
