"""Without a framework's package each backend of it says what to install, and imports nothing."""

import pytest

from actcheck.adapters import registry
from actcheck.adapters.base import Unsupported
from actcheck.adapters.packaged import Packaged
from tests.support.frameworks import PACKAGES


@pytest.mark.parametrize("name", sorted(set(registry.BUILT_IN) - {"numpy"}))
def test_what_to_install_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actcheck.adapters.packaged.find_spec", lambda package: None)
    adapter = registry.find(name)
    assert isinstance(adapter, Packaged)
    reason = f"{adapter.packages[0]} is not installed: pip install 'actcheck[{PACKAGES[name][1]}]'"
    described = adapter.describe()
    assert (described.version, described.unavailable) == ("none", reason)
    assert adapter.functions() == {}
    assert adapter.lookup("relu") == Unsupported(reason)


def test_each_package_that_is_needed_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "actcheck.adapters.packaged.find_spec", lambda package: None if package == "onnx" else object()
    )
    told = registry.find("onnxruntime").describe().unavailable
    assert told == "onnx is not installed: pip install 'actcheck[onnx]'"
