"""Maxima over all inputs and maxima over some are told apart, and figures may be infinite anywhere."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from actcheck.conformance.backends.probe import probe
from actcheck.conformance.judging.grading import grade
from actcheck.conformance.report.badge import badge
from actcheck.conformance.report.compare import compare
from actcheck.conformance.results.reading import read
from actcheck.conformance.run.summary import print_summary
from actcheck.reference.judging.verdict import Verdict, Worst
from tests.support.report.report_pages import made
from tests.support.report.report_results import document, entry, results, write

SAMPLED = entry("gelu", max_ulp=[0.7, 0.7], exhaustive=False)
SWEPT = entry("relu", max_ulp=[0.7, 0.7])
VARIANT = entry("relu", max_ulp=[0.6, 0.6], exhaustive=False, variant={"alpha": 2}, quantity="gradient")
INFINITE = entry(
    "elu",
    max_ulp=[3.5, "inf"],
    max_scaled_ulp=["inf", "inf"],
    grade="loose",
    outcome="fail",
    segments=[["-inf", "-0x1.0p+0", "inf"], ["-0x1.0p+0", "0x0.0p+0", 0.5]],
    worst={"x": "-inf", "got": "inf", "expected": "nan"},
)


def terminal(*checks: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    print_summary(results(*checks), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_terminal_marks_what_was_only_seen() -> None:
    both = entry("relu", max_ulp=[0.7, 0.7], quantity="gradient")
    text = terminal(SAMPLED, SWEPT, both, VARIANT)
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines()[1:3]}
    assert rows["gelu"][0] == "F~0.70"
    # One variant of the gradient was swept, another sampled.
    assert rows["relu"][:3] == ["F", "0.70", "F~0.70"]
    told = " ".join(text.split())
    assert "E 0.50: proven, no input has a larger error" in told
    assert "E~0.50: the largest one seen" in told


def test_the_page_marks_what_was_only_seen(tmp_path: Path) -> None:
    page = made(tmp_path, document(SAMPLED, SWEPT))
    labels = dict(re.findall(r'aria-label="(\w+) on numpy, float32: ([^"]*)"', page))
    assert labels == {"gelu": "forward faithful 0.70 ULP, seen", "relu": "forward faithful 0.70 ULP, proven"}
    assert re.search(r'class="m faithful">.*?</svg>~0\.70</span>', page)
    assert "<br><small>seen</small>" in page
    assert "<br><small>proven</small>" in page
    assert "seen: the largest among the inputs that were sampled" in page
    assert "Largest error of each variant, forward: 0.70 ULP, seen, budget" in page


def test_figures_may_be_infinite_anywhere(tmp_path: Path) -> None:
    text = terminal(INFINITE)
    assert re.search(r"elu +L inf +✗", text)
    page = made(tmp_path, document(INFINITE))
    assert "loose ∞ ULP, proven, fail" in page
    assert "3.50 to ∞" in page
    results = read(write(tmp_path, document(INFINITE)))
    assert badge(results).message == "0/1 standard"
    (change,) = compare(
        read(write(tmp_path, document(INFINITE | {"max_ulp": [2, 2]}), "old.json")), results
    ).changes
    assert change.what == "maximum 2.00 -> ∞ ULP"


def test_an_infinite_maximum_is_loose() -> None:
    for low in (0.5, float("inf")):
        worst = Worst(1.0, 2.0, 3.0, (low, float("inf")))
        assert grade(Verdict(9, worst=worst, worst_scaled=Worst(1.0, 2.0, 3.0, (0.5, 0.5))), 3.0) == "loose"


def test_a_mode_that_a_backend_sets_when_loaded_is_told(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch sets the flush mode")
    path = tmp_path / "flushing.py"
    path.write_text(
        "import torch\nfrom actcheck.adapters.numpy_backend import NumpyAdapter\n"
        "torch.set_flush_denormal(True)\nclass Flushing(NumpyAdapter):\n    pass\n",
        "utf-8",
    )
    found = probe(f"{path}:Flushing")
    assert found.mode == "takes subnormal inputs for zero and flushes subnormal results to zero"
    assert found.title.endswith(
        f"note: once it is loaded the processor {found.mode}; it is judged in the default mode"
    )
    assert probe("numpy").mode == ""
