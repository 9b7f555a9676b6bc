"""The example that the guide names has every field, and its definition is what the paper says."""

from __future__ import annotations

import re
import shutil
from fractions import Fraction
from pathlib import Path

import mpmath
import pytest

import actcheck
from actcheck.reference.evaluation.mp import to_mpf
from actcheck.reference.expressions.tree import FUNCTIONS
from actcheck.reference.specification.binding import bind
from actcheck.reference.specification.loading import SpecError, find, load_all

GUIDE = Path(actcheck.__file__).parent / "spec" / "README.md"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    (name,) = re.findall(r"`(activations/\w+\.yaml)` is a complete example", GUIDE.read_text("utf-8"))
    return Path(shutil.copy(GUIDE.parent / name, tmp_path))


@pytest.mark.parametrize("x", [-1000.0, -1.0, 0.0, 0.5, 1e10])
def test_example_has_the_values_of_the_paper(example: Path, x: float) -> None:
    spec = find(str(example))
    for variant in spec.variants:
        got = to_mpf(bind(spec, variant).exact("forward", Fraction(x)))
        with mpmath.workprec(600):
            b = mpmath.mpf(variant.parameters["b"])
            root = mpmath.sqrt(mpmath.mpf(x) ** 2 + b)
            expected = b / (root - x) / 2 if x < 0 else (x + root) / 2
            assert mpmath.almosteq(got, expected, mpmath.mpf(2) ** -100)


def test_example_uses_every_field_that_its_kind_needs(example: Path) -> None:
    lines = example.read_text("utf-8").splitlines(keepends=True)
    required = ("id", "limits", "zero_sign", "kinks", "properties", "accuracy", "scale", "in_place", "plot")
    for key in required:
        start = next(i for i, line in enumerate(lines) if line.startswith(f"{key}:"))
        end = next((i for i in range(start + 1, len(lines)) if lines[i][0] not in " -"), len(lines))
        example.write_text("".join(lines[:start] + lines[end:]), "utf-8")
        with pytest.raises(SpecError, match=f"{key}: missing"):
            find(str(example))


def test_guide_names_every_function_and_no_other() -> None:
    text = GUIDE.read_text("utf-8").replace("\n", " ")
    (listed,) = re.findall(r"functions `([^`]*)` \(`Phi`", text)
    assert listed.split() == list(FUNCTIONS)


def test_guide_names_real_files() -> None:
    assert (GUIDE.parent / "schema.json").is_file()
    order = (GUIDE.parent / "order.txt").read_text("utf-8").split()
    others = set(load_all()) - set(order)
    assert list(load_all()) == [*order, *sorted(others)]
