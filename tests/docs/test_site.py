"""The documentation site: whole, reachable, from the code, and nothing of it from elsewhere."""

from __future__ import annotations

import json
import posixpath
import subprocess
import sys
from functools import cache
from itertools import product
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import actcheck
from actcheck.conformance.cli import COMMANDS
from actcheck.conformance.deviations import files as deviations
from actcheck.conformance.deviations.known import Deviation
from actcheck.conformance.pictures.mathml import definition_text
from actcheck.conformance.report.matrix import cell
from actcheck.conformance.report.sides import Side, sides
from actcheck.conformance.results.reading import read_all
from actcheck.reference.specification.loading import load_all
from tests.support.documentation.site_build import pages
from tests.support.folders import ROOT
from tests.support.report.report_pages import Parsed

pytestmark = pytest.mark.xdist_group("site")

SPECS = load_all()
#: Attributes by which a page loads something, or leads somewhere.
_LOADED = (("script", "src"), ("img", "src"), ("iframe", "src"), ("link", "href"), ("use", "href"))


@cache
def _listed() -> tuple[Deviation, ...]:
    """Every entry of the shipped lists."""
    return deviations.read_all(sorted(deviations.SHIPPED.glob("*.yaml")))


@cache
def _results() -> tuple[Side, ...]:
    """The result files of the repository."""
    return sides(read_all(sorted((ROOT / "results").glob("*.json"))))


def _named(page: str, address: str) -> str:
    """The path in the site of what a page names."""
    path = unquote(urlsplit(address).path)
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page


def _navigation(site: Path) -> list[str]:
    """The pages that the navigation of the first page leads to, in its order."""
    links = [
        attributes.get("href") or ""
        for tag, attributes in pages(site)["index.html"].tags
        if tag == "a" and "md-nav__link" in (attributes.get("class") or "")
    ]
    return list(dict.fromkeys(_named("index.html", link) for link in links if not link.startswith("#")))


def test_every_page_is_reached_from_the_navigation(site: Path) -> None:
    assert sorted(set(_navigation(site)) | {"index.html"}) == sorted(pages(site))


def test_every_link_leads_somewhere(site: Path) -> None:
    found = pages(site)
    broken = []
    for name, page in found.items():
        for link in (link for link in page.links if not urlsplit(link).scheme):
            target, fragment = _named(name, link), unquote(urlsplit(link).fragment)
            there = (site / target).is_file()
            if there and fragment and target in found:
                there = fragment in found[target].ids or fragment == "__skip"
            broken += [] if there else [(name, link)]
    assert broken == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loaded = [
        (name, attributes[key])
        for name, page in pages(site).items()
        for (tag, attributes), (element, key) in product(page.tags, _LOADED)
        if tag == element and urlsplit(attributes.get(key) or "").netloc
    ]
    assert loaded == []


def test_every_activation_has_its_page_in_the_order_of_the_list(site: Path) -> None:
    listed = [name for name in _navigation(site) if name.startswith("activations/")]
    assert listed == ["activations/index.html", *(f"activations/{name}.html" for name in SPECS)]
    order = (ROOT / "spec" / "order.txt").read_text("utf-8").split()
    assert [name for name in SPECS if name in order] == order


@pytest.mark.parametrize("name", SPECS)
def test_the_page_of_an_activation_tells_its_specification(site: Path, name: str) -> None:
    spec, page = SPECS[name], pages(site)[f"activations/{name}.html"]
    text = " ".join(page.text)
    told = [spec.title, spec.summary, *spec.rules, *(p.meaning for p in spec.parameters)]
    told += [reason.because for reason in (*spec.accuracy.values(), *spec.refused, *spec.conventions)]
    told += [s.title for s in spec.sources] + [scale.because for scale in spec.scale.values()]
    told += [definition_text(spec.title, ["x"], spec.definition)] if spec.kind == "elementwise" else []
    assert [words for words in told if words not in text] == []
    tags = [tag for tag, _ in page.tags]
    assert ("math" in tags) == bool(spec.definition)
    assert tags.count("mi") >= len(spec.kinks)
    for kink in ("Slope taken",) if spec.kinks else ():
        assert kink in text


@pytest.mark.parametrize(
    ("name", "formulas"),
    [
        ("gelu", ["GELU′(x) = Phi(x) + x*exp(-(x**2/2))/sqrt(2*pi) if approximate == 'none'; otherwise "]),
        ("glu", ["∂GLU/∂a(a, b) = sigmoid(b)", "∂GLU/∂b(a, b) = a*sigmoid(b)*sigmoid(-b)"]),
        ("prelu", ["PReLU′(x) = 1 if x >= 0; otherwise weight"]),
        ("crelu", ["CReLU′(x) = 0 if 0 >= x; otherwise 1", "CReLU′(x) = 0 if 0 >= -x; otherwise -1"]),
    ],
)
def test_derivatives_are_told_with_respect_to_each_variable(
    site: Path, name: str, formulas: list[str]
) -> None:
    page = pages(site)[f"activations/{name}.html"]
    told = [attributes.get("alttext") or "" for tag, attributes in page.tags if tag == "math"]
    assert [f for f in formulas if not any(one.startswith(f) for one in told)] == []


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("hardshrink", "-lambd -0.5, 0 1, 0 0"),
        ("threshold", "threshold 20, 0.1 0, 1 0"),
        ("crelu", "0 0, 0; 0, 0"),
    ],
)
def test_kinks_are_told_with_both_sides(site: Path, name: str, row: str) -> None:
    text = " ".join(" ".join(pages(site)[f"activations/{name}.html"].text).split())
    told = text.partition("Slope taken")[2].replace("− ", "-").replace("λ", "lambd")
    assert told.strip().startswith(row)


@pytest.mark.parametrize("name", SPECS)
def test_the_page_of_an_activation_tells_what_is_known_of_backends(site: Path, name: str) -> None:
    text = " ".join(" ".join(pages(site)[f"activations/{name}.html"].text).split())
    mine = [e for e in _listed() if name in e.activation or e.activation == ("*",)]
    assert [e.place for e in mine if e.seen not in text or e.why not in text] == []
    assert ("None is listed" in text) == (not mine)


@pytest.mark.parametrize("name", SPECS)
def test_the_page_of_an_activation_tells_what_the_result_files_say(site: Path, name: str) -> None:
    text = " ".join(" ".join(pages(site)[f"activations/{name}.html"].text).split())
    assert {"numpy", "torch-cpu"} <= {side.results.backend.name for side in _results()}
    asked = [cell(name, side, form) for side in _results() for form in side.formats]
    told = [m.words for c in asked if c for m in (c.forward, c.gradient) if m and m.grade]
    assert told
    assert [words for words in told if words not in text] == []


def test_the_table_of_the_readme_is_that_of_the_result_files() -> None:
    done = subprocess.run([sys.executable, "docs/list_results.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "python docs/list_results.py writes it again"


def test_the_reference_is_that_of_the_code(site: Path) -> None:
    found = pages(site)
    names = [f"actcheck.{name}" for name in actcheck.__all__ if not name.startswith("__")]
    assert set(names) <= set(found["manual/library.html"].ids)
    assert set(COMMANDS) <= set(found["manual/commands.html"].ids)
    assert "deviations-draft" in found["manual/commands.html"].ids
    for page, path in (("specification", "spec"), ("results", "conformance/results")):
        schema = json.loads((ROOT / path / "schema.json").read_text("utf-8"))
        assert set(schema["properties"]) <= set(found[f"manual/{page}.html"].text)
        headings = {name.replace("_", "-") for name in schema["$defs"]}
        assert headings <= set(found[f"manual/{page}.html"].ids)


def test_examples_of_docstrings_are_code(site: Path) -> None:
    library = (site / "manual" / "library.html").read_text("utf-8")
    assert "blockquote" not in library
    assert "doctest:" not in library
    assert library.count('class="gp"') >= len(actcheck.__all__)


def test_pictures_are_part_of_their_pages(site: Path) -> None:
    for name, count in (("numbers", 2), ("certificates", 2)):
        page: Parsed = pages(site)[f"{name}.html"]
        assert sum(a.get("class") == "drawn" for tag, a in page.tags if tag == "figure") == count
        assert "picture:" not in " ".join(page.text)
