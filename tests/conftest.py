"""What all tests share: caches of their own, kept from run to run where pytest keeps its cache."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.folders import without_journals


@pytest.fixture(scope="session", autouse=True)
def _cache(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    kept = getattr(request.config, "cache", None)
    folder = kept.mkdir("actcheck") if kept else tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACTCHECK_CACHE", str(folder))
        yield


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Ctrl-C is heard: what a shell starts in the background ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def own_journals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache without the journals of other runs, which shares what they have built."""
    own = without_journals(tmp_path / "cache")
    monkeypatch.setenv("ACTCHECK_CACHE", str(own))
    return own


@pytest.fixture
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache that is empty."""
    monkeypatch.setenv("ACTCHECK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"
