"""The site in a headless Chromium, read from a disk: quiet, accessible, never too wide, and searched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.documentation.site_build import pages
from tests.support.report.report_browser import MISSING, Visit, chromium

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.xdist_group("site")]

Open = Callable[..., Visit]
#: One of each kind.
SEEN = ("index", "certificates", "activations/index", "activations/gelu", "manual/library", "manual/results")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def visit(browser: Any, site: Path) -> Iterator[Open]:
    contexts = []

    def open_page(name: str, **options: Any) -> Visit:
        contexts.append(browser.new_context(**({"viewport": {"width": 1400, "height": 900}} | options)))
        return Visit(contexts[-1], site / name)

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_no_page_is_too_wide_and_all_are_quiet(visit: Open, site: Path, every: bool) -> None:
    seen = visit("index.html")
    for name in pages(site) if every else [f"{name}.html" for name in SEEN]:
        seen.page.goto((site / name).as_uri())
        seen.run("document.querySelectorAll('details').forEach(d => { d.open = true })")
        for width in (390, 1400):
            seen.page.set_viewport_size({"width": width, "height": 844})
            assert seen.overflow() <= 0, (name, width)
    assert seen.complaints == []
    assert {address.partition(":")[0] for address in seen.requests} <= {"file", "data", "blob"}


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 390), pytest.param("dark", 1400, marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize("name", SEEN)
def test_axe_finds_nothing_serious(visit: Open, name: str, scheme: str, width: int) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    seen = visit(f"{name}.html", color_scheme=scheme, viewport={"width": width, "height": 900})
    seen.run("document.querySelectorAll('details').forEach(d => { d.open = true })")
    found = axe.Axe().run(seen.page).response["violations"]
    told = [
        f"{v['id']}: {v['help']}: {[n['target'] for n in v['nodes']][:3]}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]
    assert told == []


def test_the_search_finds_from_a_disk(visit: Open) -> None:
    seen = visit("index.html")
    seen.page.click(".md-search__input")
    seen.page.keyboard.type("squareplus")
    seen.page.wait_for_selector(".md-search-result__item")
    assert "squareplus" in seen.page.inner_text(".md-search-result__list").lower()
    assert {address.partition(":")[0] for address in seen.requests} <= {"file", "data", "blob"}


def test_light_and_dark_are_chosen_by_hand(visit: Open) -> None:
    seen = visit("index.html", color_scheme="light")
    schemes = set()
    for _ in range(3):
        seen.page.click("form[data-md-component=palette] label:not([hidden])")
        schemes.add(seen.run("document.body.dataset.mdColorScheme"))
    assert schemes == {"default", "slate"}
