"""The adapter that both READMEs show is complete and works."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from actcheck.adapters.registry import find
from actcheck.conformance.cli import main
from actcheck.reference.specification.loading import load_all
from tests.support.folders import ROOT

READMES = (ROOT / "README.md", ROOT / "adapters" / "README.md")


@pytest.mark.parametrize("readme", READMES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_example_is_a_working_adapter(tmp_path: Path, readme: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    code = next(block for block in blocks if "(Adapter)" in block)
    path = tmp_path / "my_numpy.py"
    path.write_text(code, "utf-8")
    adapter = find(str(path))
    specs = load_all()
    x = np.array([-2.0, -0.0, 0.25, 7.0], np.float32)
    for activation in adapter.functions():
        result = adapter.forward(activation, x, dict(specs[activation].default.parameters))
        assert isinstance(result, np.ndarray)
        assert (result.dtype, result.shape) == (x.dtype, x.shape)
    assert "sigmoid" in str(adapter.lookup("sigmoid"))


def test_the_adapter_that_is_tried_is_the_one_that_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = READMES[0].read_text("utf-8")
    made, tried = (re.findall(rf"^actcheck {c} (\S+)", text, re.M) for c in ("new-adapter", "check-adapter"))
    monkeypatch.chdir(tmp_path)
    assert main(["new-adapter", *made]) == 0
    assert [Path(name).is_file() for name in tried] == [True]
