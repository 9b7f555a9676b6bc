"""What a strict build of the site must not let pass, and a specification that is hostile."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.documentation.site_build import built, copied, pages
from tests.support.folders import ROOT
from tests.support.report.report_browser import MISSING, Visit, chromium
from tests.support.report.report_results import document, entry, write

pytestmark = pytest.mark.xdist_group("planted_site")

HOSTILE = (
    '</div></title></script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">\'"{{7*7}}'
    "<section-break>pwned</section-break>[pwned](javascript:pwned) ``` --8<-- *pwned*"
)
Planted = tuple[Path, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """The site of a copy of the repository with a fault of each kind, and what the build said."""
    repository = copied(tmp_path_factory.mktemp("planted") / "repository")
    _append(
        repository / "docs" / "start.md",
        "\n[Gone](gone.md), [lost](numbers.md#lost)\n\n![None](picture:none)\n",
    )
    _append(repository / "docs" / "left.md", "# No way leads here\n")
    _nameless(repository)
    _hostile(repository)
    site = repository / "build" / "site"
    return site, built(repository, site)


def _append(path: Path, text: str) -> None:
    path.write_text((path.read_text("utf-8") if path.exists() else "") + text, "utf-8")


def _nameless(repository: Path) -> None:
    """A public function, and a public method, without a docstring."""
    package = repository / "actcheck"
    for name, before, new in (
        (
            "__init__.py",
            "_OFFERED = {\n",
            '    "nameless": ("actcheck.conformance.library.check", "nameless"),\n',
        ),
        ("__init__.pyi", "", "from actcheck.conformance.library.check import nameless as nameless\n"),
        (
            "conformance/library/check.py",
            "",
            "\n\ndef nameless() -> Report:\n    raise NotImplementedError\n",
        ),
        ("conformance/library/report.py", "    def to_json(self)", ""),
    ):
        path = package / name
        text = path.read_text("utf-8")
        if name.endswith("report.py"):
            text = text.replace(before, "    def wordless(self) -> None:\n        return\n\n" + before)
        else:
            text = text.replace(before, before + new) if before else text + new
        path.write_text(text, "utf-8")


def _hostile(repository: Path) -> None:
    """An activation whose every text is an attack, a known deviation of it, and results of such a backend."""
    spec = yaml.safe_load((ROOT / "spec" / "activations" / "leaky_relu.yaml").read_text("utf-8"))
    spec |= {"id": "hostile", "title": HOSTILE, "summary": f"{HOSTILE}.", "aliases": [], "rules": [HOSTILE]}
    spec["sources"][0] |= {"title": HOSTILE, "authors": HOSTILE, "url": 'https://a.invalid/"><script>'}
    spec["parameters"][0]["meaning"] = spec["refused"][0]["because"] = HOSTILE
    spec["accuracy"]["forward"]["because"] = spec["plot"]["title"] = HOSTILE
    spec["shape"] = {"input": HOSTILE, "output": HOSTILE}
    path = repository / "spec" / "activations" / "hostile.yaml"
    path.write_text(yaml.safe_dump(spec), "utf-8")
    known: dict[str, Any] = {
        "activation": "hostile",
        "check": "*",
        "seen": HOSTILE,
        "why": HOSTILE,
        "issue": None,
    }
    known["excuses"] = [{"what": "wrong_nan", "inputs": [[0, 1]]}]
    told = document(entry("hostile"), backend=HOSTILE)
    told["backend"]["version"] = HOSTILE
    write(repository / "results", told, "hostile.json")
    lists = repository / "adapters" / "deviations"
    (lists / "hostile.yaml").write_text(yaml.safe_dump([known]), "utf-8")


@pytest.mark.parametrize(
    "words",
    [
        "'gone.md', but the target is not found",
        "'#lost'",
        "there is no picture none",
        "nameless is a public name of the library, and has no docstring",
        "Report.wordless is a public name of the library, and has no docstring",
    ],
)
def test_a_strict_build_refuses(planted: Planted, words: str) -> None:
    _, done = planted
    assert done.returncode == 1
    assert any("WARNING" in line and words in line for line in done.stderr.splitlines()), done.stderr


def test_a_strict_build_refuses_a_page_that_the_navigation_leaves_out(planted: Planted) -> None:
    _, done = planted
    told = done.stderr.partition('not included in the "nav" configuration:')[2].split("WARNING")[0]
    assert "- left.md" in told


def test_a_hostile_specification_is_text_alone(planted: Planted) -> None:
    site, _ = planted
    for name, page in pages(site).items():
        assert not any("onerror" in attributes for _, attributes in page.tags), name
        assert not any(a.get("src") == "x" or "pwned" in (a.get("href") or "") for _, a in page.tags), name
        scripts = (site / name).read_text("utf-8").split("<script")[1:]
        assert not any("pwned" in script.split("</script")[0] for script in scripts), name
    hostile = pages(site)["activations/hostile.html"]
    assert " ".join(hostile.text).count(HOSTILE) >= 14
    assert "pwned" not in hostile.ids


def test_others_stand_in_a_group_of_their_own(planted: Planted) -> None:
    site, _ = planted
    overview = pages(site)["activations/index.html"]
    assert {"torchnn", "others"} <= set(overview.ids)
    others = (site / "activations" / "index.html").read_text("utf-8").partition('id="others"')[2]
    assert "hostile.html" in others
    assert '"gelu.html"' not in others.partition("</article>")[0]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_a_hostile_page_runs_nothing(planted: Planted, browser: Any) -> None:
    site, _ = planted
    seen = Visit(
        browser.new_context(viewport={"width": 390, "height": 844}), site / "activations" / "hostile.html"
    )
    assert seen.overflow() <= 0
    seen.page.set_viewport_size({"width": 1400, "height": 900})
    seen.page.click(".md-search__input")
    seen.page.keyboard.type("hostile")
    seen.page.wait_for_selector(".md-search-result__item")
    assert seen.run("typeof window.pwned") == "undefined"
    assert seen.complaints == []
