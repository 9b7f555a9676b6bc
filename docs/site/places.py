"""A hook of mkdocs: pages that stand elsewhere in the repository, and links between its files.

A path of the navigation that is not below docs/ is a Markdown file of the repository, or, with ``.md`` after
it, any other file or folder, which is shown with its source; one with a star stands for all folders that it
matches. Links are those of the repository: each is turned to the page of the file that it names. One to a
file without a page is left alone, and a strict build refuses it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s#]+)")
_FENCE = re.compile(r"^ *(```|~~~)")
#: What is shown of a folder, and how its languages are called where that is not the suffix.
_SHOWN = {".py": "python", ".c": "c", ".h": "c", ".txt": "text", ".json": "json", ".yaml": "yaml", "": "make"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put what they stand for in the place of paths with a star."""
    config.nav = _spread(config.nav)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what the navigation names and docs/ has not."""
    for path in _paths(config.nav):
        if files.get_file_from_path(path) is None:
            found = _from_repository(path, config)
            if found:
                files.append(found)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links from the places of the repository to those of the site."""
    home = posixpath.dirname(_in_repository(page.file.src_uri))
    lines, fenced = [], False
    for line in markdown.split("\n"):
        fenced ^= bool(_FENCE.match(line))
        lines.append(line if fenced else _LINK.sub(lambda m: _turned(m[1], home, page, files), line))
    return "\n".join(lines)


def _spread(nav: Any) -> Any:
    if isinstance(nav, Mapping):
        return {title: _spread(inner) for title, inner in nav.items()}
    if isinstance(nav, list):
        return [e for entry in nav for e in (_matching(entry) if "*" in entry else [_spread(entry)])]
    return nav


def _matching(pattern: str) -> list[str]:
    found = sorted(ROOT.glob(pattern.removesuffix(".md")))
    return [f"{p.relative_to(ROOT).as_posix()}.md" for p in found if p.is_dir() and p.name[0] not in "._"]


def _paths(nav: Any) -> Iterator[str]:
    """All paths of a navigation."""
    for entry in nav if isinstance(nav, Sequence) and not isinstance(nav, str) else [nav]:
        if isinstance(entry, Mapping):
            for inner in entry.values():
                yield from _paths(inner)
        elif isinstance(entry, str):
            yield entry


def _from_repository(path: str, config: MkDocsConfig) -> File | None:
    place, source = ROOT / path, ROOT / path.removesuffix(".md")
    if place.is_file():
        return File.generated(config, path, abs_src_path=str(place))
    if source.exists():
        return File.generated(config, path, content=_shown(source))
    return None


def _shown(place: Path) -> str:
    """A page that shows the source of a file, or of each file of a folder."""
    name = place.relative_to(ROOT).as_posix()
    if place.is_file():
        return f"# {place.name}\n\n`{name}`\n\n{_fenced(place)}"
    parts = [f"## {file.name}\n\n{_fenced(file)}" for file in sorted(place.iterdir()) if _is_shown(file)]
    return "\n\n".join([f"# {place.name}", f"The folder `{name}`.", *parts])


def _is_shown(file: Path) -> bool:
    return file.is_file() and file.suffix in _SHOWN and (bool(file.suffix) or file.name == "Makefile")


def _fenced(file: Path) -> str:
    # More backticks than any line of a file begins with.
    return f"``````{_SHOWN[file.suffix]}\n{file.read_text('utf-8').rstrip()}\n``````\n"


def _in_repository(uri: str) -> str:
    """The path in the repository of what has this one in the site."""
    return uri if (ROOT / uri).exists() else f"docs/{uri}"


def _turned(link: str, home: str, page: Page, files: Files) -> str:
    named = posixpath.normpath(posixpath.join(home, link))
    for path in (named, f"{named}/README.md", f"{named}.md"):
        for uri in (path.removeprefix("docs/"), path):
            if files.get_file_from_path(uri) is not None:
                return posixpath.relpath(uri, posixpath.dirname(page.file.src_uri) or ".")
    return link
