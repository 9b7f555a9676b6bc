"""The examples pass, and their faulty twins fail with the texts that stand beside them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.folders import ROOT
from tests.support.frameworks import lacking

EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/kernels.py"))


def _is_missing(name: str) -> bool:
    return find_spec(name) is None


#: What some of them need, each with whether it is missing.
NEEDED: dict[str, dict[str, Callable[[], bool]]] = {
    "kernel_in_c": {"no C compiler": lambda: shutil.which("cc") is None},
    "kernel_in_triton": {lacking(name, "triton"): partial(_is_missing, name) for name in ("triton", "torch")},
}


def run_of(example: str, tests: str) -> subprocess.CompletedProcess[str]:
    """pytest in the folder of an example, with no settings of this repository."""
    for needed, lacks in NEEDED.get(example, {}).items():
        if lacks():
            pytest.skip(needed)
    folder = ROOT / "examples" / example
    plain = ["-c", os.devnull, "--rootdir", str(folder), "-p", "no:cacheprovider", "-W", "error"]
    command = [sys.executable, "-m", "pytest", "-q", *plain, "-p", "actcheck.conformance.plugin", tests]
    # Triton's kernels run on the CPU, where the texts were made.
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, encoding="utf-8"
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_kernel_conforms(example: str) -> None:
    done = run_of(example, "test_kernels.py")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_faulty_twin_fails_with_the_text_beside_it(example: str) -> None:
    done = run_of(example, "faulty.py")
    assert done.returncode == 1, done.stdout
    shown = Path(ROOT / "examples" / example / "failure.txt").read_text("utf-8")
    assert shown in done.stdout


def test_five_lines_in_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text("import numpy as np\ndef relu(x):\n    return np.maximum(x, 0.01)\n")
    lines = ["from kernel import relu", "", "def test_relu(conforms):", '    conforms(relu, "relu")', ""]
    (tmp_path / "test_it.py").write_text("\n".join(lines), "utf-8")
    plain = ["-c", os.devnull, "--rootdir", str(tmp_path), "-p", "actcheck.conformance.plugin"]
    command = [sys.executable, "-m", "pytest", "-q", *plain, "test_it.py"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 1
    assert "relu is not relu (default)" in done.stdout
