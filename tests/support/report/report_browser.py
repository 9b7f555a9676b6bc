"""A headless Chromium for the tests of the page, and the reason where there is none."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
MISSING = (
    "chromium is not installed (Debian: apt-get install chromium)"
    if CHROMIUM is None
    else "playwright is not installed (pip install 'actcheck[test]')"
    if importlib.util.find_spec("playwright") is None
    else ""
)
#: Nothing of the browser's own talks to a network.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; closed at the end."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - skipped where it is missing

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


#: After another size was set some frames may pass until it shows.
_OVERFLOW = """async () => {
    const over = () => document.documentElement.scrollWidth - innerWidth;
    for (let frame = 0; frame < 60 && over() > 0; frame++) await new Promise(requestAnimationFrame);
    return over();
}"""


class Visit:
    """A page opened in the browser, with everything that it asked for and complained of."""

    def __init__(self, context: Any, path: Path) -> None:
        self.url = path.as_uri()
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type != "log" else None)
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("dialog", lambda d: (self.complaints.append(f"dialog: {d.message}"), d.dismiss()))
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.goto(self.url)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script in the page returns."""
        return self.page.evaluate(script, *arguments)

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window, once it is laid out for it."""
        return int(self.run(_OVERFLOW))
