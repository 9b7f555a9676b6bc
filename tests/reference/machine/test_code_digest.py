"""Which files a digest of code covers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from actcheck.reference.machine import code_digest
from tests.support.folders import ROOT

MODULES = sorted((ROOT / "reference").rglob("*.py"))


def parsed(path: Path) -> Iterator[str]:
    """What Python itself takes for imports of the package."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.Import(names):
                yield from (name.name for name in names if name.name.split(".")[0] == "actcheck")
            case ast.ImportFrom(str(module), names) if module.split(".")[0] == "actcheck":
                yield module
                yield from (f"{module}.{name.name}" for name in names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_import_is_overlooked(path: Path) -> None:
    assert set(parsed(path)) <= set(code_digest._imported(path))


def test_imports_however_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "import actcheck.a as b\n"
        "from actcheck.c import d as e, f  # noqa\n"
        "from actcheck.g import (  # why\n    h,\n    i as j,\n)\n"
        "import numpy\n"
        "def k():\n    from actcheck import l\n"
    )
    assert set(parsed(path)) <= set(code_digest._imported(path))
    assert {"actcheck.a", "actcheck.c.f", "actcheck.g.i", "actcheck.l"} <= set(code_digest._imported(path))


def test_a_change_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("a = 1\n")
    before = code_digest.digest([path])
    assert code_digest.digest([path]) == before
    path.write_text("a = 2\n")
    assert code_digest.digest([path]) != before
