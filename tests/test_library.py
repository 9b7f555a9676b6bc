"""What the package itself offers: light to import, its names told alike, its examples true."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import actcheck
from tests.support.folders import ROOT

OFFERED = [name for name in actcheck.__all__ if name != "__version__"]


def test_the_import_loads_nothing_heavy() -> None:
    told = "import sys, actcheck; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {
        "numpy",
        "numba",
        "flint",
        "mpmath",
        "scipy",
        "torch",
        "rich",
        "jsonschema",
        "pytest",
    }


def test_the_stub_tells_the_same_names() -> None:
    tree = ast.parse((ROOT / "actcheck" / "__init__.pyi").read_text("utf-8"))
    named = {alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert named == set(OFFERED)
    assert set(OFFERED) <= set(dir(actcheck))
    with pytest.raises(AttributeError, match="has no attribute 'exakt'"):
        _ = actcheck.exakt  # type: ignore[attr-defined]


def test_a_specification_is_found_by_name_path_and_text() -> None:
    path = ROOT / "tests" / "data" / "rising.yaml"
    by_path, by_text = actcheck.specification(path), actcheck.specification(path.read_text("utf-8"))
    assert by_path == by_text == actcheck.specification(str(path))
    x = np.linspace(-2, 2, 5, dtype=np.float32)
    assert actcheck.exact(by_text, x, weight=0.5).tolist() == [-2, -1, 0, 0.5, 1]
    assert actcheck.exact(path, x, weight=0.5).tolist() == [-2, -1, 0, 0.5, 1]
    with pytest.raises(ValueError, match=r"<text>:1: nothing: ") as raised:
        actcheck.specification("nothing: 1\nid: 2\n")
    assert len(str(raised.value).splitlines()) > 1


@pytest.mark.parametrize("name", OFFERED)
def test_the_examples_of_docstrings_are_true(name: str) -> None:
    offered = getattr(actcheck, name)
    text = inspect.getdoc(offered) or ""
    assert ">>>" in text
    assert _failures(text, name) == 0


@pytest.mark.parametrize("name", ["certificates.md", "library.md", "numbers.md", "start.md"])
def test_the_examples_of_the_guides_are_true(name: str) -> None:
    assert _failures((ROOT / "docs" / name).read_text("utf-8"), name) == 0


def _failures(text: str, name: str) -> Any:
    test = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.DocTestRunner(optionflags=options).run(test).failed
