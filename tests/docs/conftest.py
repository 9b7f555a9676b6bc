"""The site, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.documentation.site_build import built
from tests.support.folders import ROOT


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site of this repository, which a strict build has no complaint about."""
    folder = tmp_path_factory.mktemp("site")
    done = built(ROOT, folder)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder
