"""The layers of imports: held by contracts that fail on a planted import, and drawn as they are."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from actcheck.reference.expressions.tree import FUNCTIONS
from actcheck.reference.specification import loading
from tests.support.folders import ROOT


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [str(linter), "--no-cache"]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("reference/formats.py", "from actcheck.reference.judging import verdict", "reference: imports"),
        ("reference/machine/kept.py", "import actcheck.conformance.model", "conformance above"),
        ("conformance/model.py", "from actcheck.conformance.run import asking", "conformance: imports"),
        (
            "conformance/sweep/job.py",
            "from actcheck.conformance.checks import CHECKS",
            "conformance: imports",
        ),
        ("adapters/base.py", "from actcheck.adapters import torch_backend", "adapters: a framework"),
        ("reference/evaluation/mp.py", "import torch", "the mathematics knows no framework"),
    ],
)
def test_an_import_upwards_is_refused(tmp_path: Path, module: str, line: str, contract: str) -> None:
    for folder in ("reference", "adapters", "conformance"):
        shutil.copytree(ROOT / folder, tmp_path / "actcheck" / folder)
    shutil.copy(ROOT / "actcheck" / "__init__.py", tmp_path / "actcheck")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "actcheck" / module
    path.write_text(path.read_text("utf-8") + f"\n{line}\n", "utf-8")
    done = linted(tmp_path)
    assert done.returncode == 1
    broken = [told for told in done.stdout.splitlines() if told.endswith("BROKEN")]
    assert any(contract in told for told in broken), done.stdout


def test_the_layers_hold() -> None:
    done = linted(ROOT)
    assert done.returncode == 0, done.stdout


def test_the_picture_shows_the_imports_as_they_are() -> None:
    script = ROOT / "docs" / "draw_rooms.py"
    done = subprocess.run([sys.executable, str(script), "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "python docs/draw_rooms.py draws it again"


def test_the_list_of_forms_is_that_of_the_code() -> None:
    done = subprocess.run([sys.executable, "docs/list_forms.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "python docs/list_forms.py writes it again"


def _texts(path: Path) -> list[str]:
    """The texts of a module that are no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    stated = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in stated
    ]


def test_no_activation_is_known_by_name() -> None:
    # tanh and sigmoid are functions of the language, too.
    names = re.compile(rf"\b({'|'.join(sorted(loading.load_all().keys() - FUNCTIONS))})\b")
    # The command that writes a first adapter has one for an example.
    allowed = {"new_adapter.py"}
    found = [
        (str(path.relative_to(ROOT)), text)
        for folder in ("reference", "conformance")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name not in allowed
        for text in _texts(path)
        if names.search(text)
    ]
    assert found == []
