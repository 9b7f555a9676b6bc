"""Pages made for tests, and read back."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from actcheck.conformance.report.build import write as write_page
from tests.support.report.report_results import write


class Parsed(HTMLParser):
    """Ids, links, tags and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self.ids += [attributes["id"]] if attributes.get("id") else []
        self.links += [attributes["href"]] if attributes.get("href") else []

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def made(folder: Path, *documents: dict[str, Any], **options: Any) -> str:
    paths = [write(folder, d, f"results-{i}.json") for i, d in enumerate(documents)]
    write_page(paths, folder / "report.html", **options)
    return (folder / "report.html").read_text(encoding="utf-8")
