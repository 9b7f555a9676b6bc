"""The documentation site, built for the tests: of this repository, and of a copy of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.support.folders import ROOT
from tests.support.frameworks import framework
from tests.support.report.report_pages import Parsed

#: What a copy of the repository does without.
_LEFT_OUT = (".*", "build", "__pycache__", "*.egg-info", "tests", "benchmarks", "findings")


def built(repository: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a repository strictly into a folder."""
    framework("mkdocs", "docs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = os.environ | {"PYTHONPATH": str(repository), "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        command,
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def copied(folder: Path) -> Path:
    """A copy of what the site is made from."""
    ignore = shutil.ignore_patterns(*_LEFT_OUT)
    shutil.copytree(ROOT, folder, symlinks=True, ignore=ignore)
    return folder


def pages(site: Path) -> dict[str, Parsed]:
    """Every page of a site by its path, but for the one of missing pages."""
    found = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*.html"))}
    return {name: _parsed(path) for name, path in found.items() if name != "404.html"}


@cache
def _parsed(path: Path) -> Parsed:
    return Parsed(path.read_text("utf-8"))
