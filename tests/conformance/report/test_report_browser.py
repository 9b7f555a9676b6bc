"""The page in a headless Chromium: quiet, reachable by mouse and keyboard, accessible, never too wide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from actcheck.conformance.report.build import write as write_page
from tests.conformance.report.test_report_hostile import SPARED, hostile
from tests.support.report.report_browser import MISSING, Visit, chromium
from tests.support.report.report_results import ACTIVATIONS, large, write
from tests.support.thorough import one_in

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.xdist_group("report_browser")]

Open = Callable[..., Visit]
VISIBLE_ROWS = "[...document.querySelectorAll('tr[data-a]')].filter(r => r.offsetParent !== null)"
VISIBLE_COLUMNS = (
    "[...document.querySelectorAll('thead tr:nth-child(2) th')].filter(h => h.offsetParent !== null)"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


def built(folder: Path, activations: Iterable[str]) -> Path:
    """A page about three results, two of one backend."""
    documents = (large("numpy"), large("torch-cpu", 3), large("torch-cpu", 4) | {"profile": "strict"})
    for document in documents:
        document["checks"] = [c for c in document["checks"] if c["activation"] in activations]
    paths = [write(folder, d, f"results-{i}.json") for i, d in enumerate(documents)]
    write_page(paths, folder / "report.html")
    return folder / "report.html"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About all activations."""
    return built(tmp_path_factory.mktemp("whole"), ACTIVATIONS)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About a few of them, which opens fast."""
    return built(tmp_path_factory.mktemp("small"), ("elu", "gelu", "hardshrink", "hardtanh", "relu", "glu"))


@pytest.fixture
def visit(browser: Any, small: Path) -> Iterator[Open]:
    contexts = []

    def open_page(path: Path = small, **options: Any) -> Visit:
        context = browser.new_context(**({"viewport": {"width": 1400, "height": 900}} | options))
        contexts.append(context)
        return Visit(context, path)

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.thorough
def test_the_whole_page_is_quiet_complete_and_never_too_wide(visit: Open, whole: Path) -> None:
    seen = visit(whole)
    assert sorted(seen.run("[...document.querySelectorAll('.act')].map(s => s.id)")) == ACTIVATIONS
    links = "[...document.querySelectorAll('a[href^=\"#\"]')]"
    assert seen.run(f"{links}.filter(a => !document.getElementById(a.hash.slice(1))).length") == 0
    for unfolded in (False, True):
        seen.run(f"document.querySelectorAll('details').forEach(d => {{ d.open = {str(unfolded).lower()} }})")
        for width in (390, 1400):
            seen.page.set_viewport_size({"width": width, "height": 844})
            assert seen.overflow() <= 0
            assert seen.run("document.querySelector('.matrix').getBoundingClientRect().right <= innerWidth")
    seen.page.wait_for_load_state("networkidle")
    assert seen.complaints == []
    assert seen.requests == [seen.url]


def test_filters_by_mouse(visit: Open) -> None:
    seen = visit()
    assert seen.run(f"{VISIBLE_COLUMNS}.length") == 12
    seen.page.click("label:has(input[name=backend][value=numpy])")
    assert seen.run(f"{VISIBLE_COLUMNS}.length") == 8
    seen.page.click("label:has(input[name=format][value=float64])")
    assert set(seen.run(f"{VISIBLE_COLUMNS}.map(h => h.dataset.f)")) == {"float16", "bfloat16", "float32"}
    assert seen.page.inner_text("#Status") == "6 of 6 activations, 6 of 12 columns"
    seen.page.click("label:has(input[name=backend][value=torch-cpu-2])")
    for outcome in ("pass", "known_deviation", "stale_deviation", "unsupported", "error"):
        seen.page.click(f"label:has(input[name=outcome][value={outcome}])")
    rows = seen.run(f"{VISIBLE_ROWS}.map(r => r.dataset.a)")
    expected = seen.run(
        """[...document.querySelectorAll('tr[data-a]')].filter(r => [...r.cells].slice(1).some((c, i) =>
           i >= 4 && i < 7 && (c.dataset.o || '').split(' ').includes('fail'))).map(r => r.dataset.a)"""
    )
    assert rows == expected
    assert 0 < len(rows) < 6
    dimmed = "td:not(.off).dim"
    assert seen.run(f"[...document.querySelectorAll('{dimmed}')].every(c => !/\\bfail\\b/.test(c.dataset.o))")
    seen.page.click("#Reset")
    assert seen.page.inner_text("#Status") == "6 of 6 activations, 12 of 12 columns"


def test_filters_by_keyboard(visit: Open) -> None:
    seen = visit()
    seen.page.focus("input[name=backend][value=numpy]")
    seen.page.keyboard.press("Space")
    assert seen.run(f"{VISIBLE_COLUMNS}.length") == 8
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Space")
    assert seen.run(f"{VISIBLE_COLUMNS}.length") == 4
    seen.page.focus("input[name=sort][value=name]")
    seen.page.keyboard.press("ArrowRight")
    assert seen.run("document.querySelector('[name=sort]:checked').value") == "issues"
    weights = seen.run(
        """[...document.querySelectorAll('tr[data-a]')].filter(r => r.offsetParent).map(r =>
           [...r.cells].slice(9).map(c => c.dataset.n.split(' ').map(Number))
           .reduce((s, [f, e, k]) => s + f * 1e8 + e * 1e4 + k, 0))"""
    )
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) > 2


def test_every_control_can_be_reached_by_the_tab_key(visit: Open) -> None:
    seen = visit()
    reached: list[str] = []
    for _ in range(60):
        seen.page.keyboard.press("Tab")
        reached.append(seen.run("(e => e.id || e.name || e.className || e.tagName)(document.activeElement)"))
    assert reached[0] == "skip"
    assert {"Theme", "backend", "format", "outcome", "sort", "Reset"} <= set(reached)
    assert reached.count("backend") == 3
    in_the_matrix = "document.querySelector('.matrix tbody').parentElement.contains(document.activeElement)"
    seen.page.focus("#Reset")
    stops = 0
    for _ in range(4):
        seen.page.keyboard.press("Tab")
        stops += bool(seen.run(in_the_matrix))
    assert stops == 1


def test_cells_are_walked_by_arrows_and_followed_by_enter(visit: Open) -> None:
    seen = visit()
    seen.page.focus("tr[data-a=hardshrink] th a")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        seen.page.keyboard.press(key)
    assert seen.run("document.activeElement.hash") == "#hardtanh-numpy-float32"
    seen.page.keyboard.press("End")
    assert seen.run("document.activeElement.hash") == "#hardtanh-torch-cpu-2-float64"
    seen.page.keyboard.press("Home")
    assert seen.run("document.activeElement.hash") == "#hardtanh"
    seen.page.keyboard.press("ArrowRight")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_function("location.hash === '#hardtanh-numpy-float16'")
    target = "document.getElementById('hardtanh-numpy-float16')"
    seen.page.wait_for_function(f"document.activeElement === {target}")
    assert seen.run(f"{target}.closest('details').open")
    top = seen.run(f"{target}.getBoundingClientRect().top")
    assert 0 <= top < 900


def test_a_cell_is_followed_by_the_mouse_and_back_again(visit: Open) -> None:
    seen = visit()
    seen.page.click("a[href='#gelu-torch-cpu-float32']")
    target = "document.getElementById('gelu-torch-cpu-float32')"
    seen.page.wait_for_function(f"{target}.checkVisibility()")
    assert seen.run(f"{target}.innerText").startswith("Largest error")
    seen.page.go_back()
    seen.page.wait_for_function("location.hash === ''")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_link_from_outside_opens_its_section(visit: Open, scripts: bool) -> None:
    seen = visit(java_script_enabled=scripts)
    seen.page.goto(f"{seen.url}#gelu-torch-cpu-float32")
    assert seen.page.locator("#gelu-torch-cpu-float32").is_visible()
    assert not seen.page.locator("#gelu-numpy-float32").is_visible()


def test_without_scripts_everything_is_readable(visit: Open) -> None:
    seen = visit(java_script_enabled=False)
    assert seen.page.locator(".matrix").is_visible()
    assert not seen.page.locator("#Controls").is_visible()
    assert not seen.page.locator("#Theme").is_visible()
    block = seen.page.locator("details.block").first
    block.locator("summary").click()
    assert block.locator(".body").is_visible()
    assert "actcheck run" in block.inner_text()
    assert seen.overflow() <= 0


def test_light_and_dark(visit: Open) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = visit(color_scheme="light"), visit(color_scheme="dark")
    colours = [light.run(ground), dark.run(ground)]
    assert colours[0] != colours[1]
    named = []
    for _ in range(3):
        light.page.click("#Theme")
        named.append((light.page.inner_text("#Theme"), light.run(ground)))
    assert named == [
        ("Theme: light", colours[0]),
        ("Theme: dark", colours[1]),
        ("Theme: auto", colours[0]),
    ]


def test_a_command_can_be_copied(visit: Open) -> None:
    seen = visit(permissions=["clipboard-read", "clipboard-write"])
    seen.page.goto(f"{seen.url}#elu-numpy-float32")
    code = seen.page.locator("#elu-numpy-float32 code.run").first
    button = seen.page.locator("#elu-numpy-float32 .copy").first
    button.click()
    seen.page.wait_for_function("document.querySelector('#elu-numpy-float32 .copy').textContent === 'copied'")
    assert seen.run("navigator.clipboard.readText()") == code.inner_text()


def test_print_leaves_out_what_only_a_screen_needs(visit: Open) -> None:
    seen = visit()
    seen.page.emulate_media(media="print")
    assert not seen.page.locator("#Controls").is_visible()
    assert not seen.page.locator("nav").is_visible()
    assert seen.run("getComputedStyle(document.querySelector('.matrix')).overflow") == "visible"
    assert seen.page.locator("tr[data-a=gelu]").is_visible()


@pytest.mark.parametrize(
    "view", one_in(2, [("light", 390), ("light", 1400), ("dark", 1400), ("dark", 390)]), ids=str
)
def test_axe_finds_nothing(visit: Open, view: tuple[str, int]) -> None:
    scheme, width = view
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    seen = visit(color_scheme=scheme, viewport={"width": width, "height": 900})
    # One of everything: the rest is the same over and over.
    seen.run(
        """document.querySelectorAll('.act:not(#gelu):not(#elu)').forEach(s => s.remove());
           document.querySelectorAll('.block').forEach((b, i) => { if (i > 5) b.remove() });
           document.querySelectorAll('details').forEach(d => { d.open = true })"""
    )
    found = axe.Axe().run(seen.page).response["violations"]
    told = [f"{v['id']}: {v['help']}: {[n['target'] for n in v['nodes']][:3]}" for v in found]
    assert told == []


@pytest.mark.parametrize("keep", [(), ("format", "activation", "check", "quantity")])
def test_a_hostile_result_runs_nothing(visit: Open, tmp_path: Path, keep: tuple[str, ...]) -> None:
    attack = large()
    attack["checks"] = attack["checks"][:40]
    attack = hostile(attack, (*SPARED, *keep))
    write_page([write(tmp_path, attack)], tmp_path / "report.html")
    seen = visit(tmp_path / "report.html")
    seen.run("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert seen.run("typeof window.pwned") == "undefined"
    assert seen.complaints == []
    assert seen.requests == [seen.url]
    assert seen.overflow() <= 0
