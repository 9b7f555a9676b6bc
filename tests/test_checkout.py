"""A checkout without symbolic links, as git makes on Windows, works as one with them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import actcheck
from tests.support.folders import ROOT

FOLDERS = ("adapters", "conformance", "reference", "spec")
_ASKED = """
import json, sys
import actcheck
from actcheck.adapters.registry import find
from actcheck.conformance.backends.fingerprint import code_digest
from actcheck.conformance.deviations.files import SHIPPED
from actcheck.reference.machine.code_digest import sources
from actcheck.reference.specification import loading
from actcheck.reference.specification.dialects import dialects
lies = {name: module.__file__ for name, module in sys.modules.items() if name.startswith("actcheck.")}
print(json.dumps({
    "activations": len(loading.load_all()),
    "alpha": actcheck.specification("celu").default.parameters["alpha"],
    "backend": find("numpy").name,
    "deviations": len(list(SHIPPED.glob("*.yaml"))),
    "dialects": sorted(dialects()),
    "digest": code_digest(),
    "sources": len(sources("actcheck.reference.answers.values")),
    "lies": [path for path in lies.values() if path and not path.startswith(sys.argv[1])],
}))
"""


@pytest.fixture
def without_links(tmp_path: Path) -> Path:
    """The package where the links are files that hold the names of the folders."""
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
    (tmp_path / "actcheck").mkdir()
    for file in (ROOT / "actcheck").iterdir():
        if file.is_symlink():
            (tmp_path / "actcheck" / file.name).write_text(str(file.readlink()), "utf-8")
        elif file.is_file():
            shutil.copy(file, tmp_path / "actcheck")
    return tmp_path


def answers(folder: Path, *words: str) -> str:
    """What Python prints with a folder's package."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, *words], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_is_found(without_links: Path) -> None:
    told, linked = (json.loads(answers(root, "-c", _ASKED, str(root))) for root in (without_links, ROOT))
    assert told["lies"] == []
    assert told == linked


def test_the_commands_work(without_links: Path) -> None:
    program = "import sys; from actcheck.conformance.cli import main; sys.exit(main())"
    assert answers(without_links, "-c", program, "show", "gelu") == answers(
        ROOT, "-c", program, "show", "gelu"
    )
    words = ["run", "--backend", "numpy", "--activation", "relu", "--dtype", "float32", "--check", "kinks"]
    assert "numpy: 2 pass" in answers(without_links, "-c", program, *words)


def test_the_citation_names_this_version() -> None:
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert told["version"] == actcheck.__version__
    assert {"cff-version", "message", "title", "authors", "license"} <= set(told)


@pytest.mark.xdist_group("together")
def test_tests_that_share_something_stay_with_one_worker(request: pytest.FixtureRequest) -> None:
    """xdist tells groups by the ends of names, which not every pytest lets it change."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@together")
