"""Pictures are drawn from the definition: right values, broken at jumps, and safe whatever the title."""

from __future__ import annotations

import itertools
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from actcheck.conformance import cli
from actcheck.conformance.pictures.curves import NoCurveError, Polyline, curve, simplified
from actcheck.conformance.pictures.plotting import Panel, svg, svg_file, ticks, title
from actcheck.reference.expressions.parsing import parse
from actcheck.reference.specification.loading import load_all
from actcheck.reference.specification.model import Piece

SPECS = load_all()
DRAWN = [name for name in SPECS if name != "multihead_attention"]


def lines(name: str, quantity: str = "forward") -> tuple[Polyline, ...]:
    return curve(SPECS[name], SPECS[name].default, quantity).lines


@pytest.mark.parametrize(
    ("name", "function", "derivative"),
    [
        ("tanh", math.tanh, lambda x: 1 - math.tanh(x) ** 2),
        ("softsign", lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
        ("elu", lambda x: x if x > 0 else math.expm1(x), lambda x: 1 if x > 0 else math.exp(x)),
        ("prelu", lambda x: x if x >= 0 else x / 4, lambda x: 1 if x >= 0 else 0.25),
        ("glu", lambda x: 1 / (1 + math.exp(-x)), None),
    ],
)
def test_points_lie_on_the_function_and_its_derivative(name: str, function: Any, derivative: Any) -> None:
    for quantity, expected in (("forward", function), ("gradient", derivative)):
        for x, y in (p for line in lines(name, quantity) for p in line if abs(p[0]) > 1e-3 and expected):
            assert y == pytest.approx(expected(x), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", DRAWN)
def test_every_curve_spans_the_interval_of_the_article(name: str) -> None:
    for quantity in ("forward", "gradient"):
        drawn = lines(name, quantity)
        xs = [x for line in drawn for x, _ in line]
        assert (min(xs), max(xs)) == (-7, 7)
        assert all(math.isfinite(y) for line in drawn for _, y in line)


@pytest.mark.parametrize(
    ("name", "quantity", "jumps"),
    [
        ("hardshrink", "forward", [-0.5, 0.5]),
        ("threshold", "forward", [0.1]),
        ("relu", "forward", []),
        ("relu", "gradient", [0]),
        ("relu6", "gradient", [0, 6]),
        ("hardswish", "gradient", [-3, 3]),
        ("hardtanh", "gradient", [-1, 1]),
        ("elu", "gradient", []),
        ("selu", "gradient", [0]),
    ],
)
def test_a_jump_breaks_the_line_where_it_is(name: str, quantity: str, jumps: list[float]) -> None:
    drawn = lines(name, quantity)
    breaks = [(a[-1][0], b[0][0]) for a, b in itertools.pairwise(drawn)]
    assert [left for left, _ in breaks] == pytest.approx(jumps, abs=1e-9)
    assert all(left == right for left, right in breaks)


def test_both_halves_of_crelu_are_drawn() -> None:
    values = {round(x, 6): round(y, 6) for x, y in lines("crelu")[0]}, dict(lines("crelu")[1])
    assert [v[-7.0] for v in values] == [0, 7]
    assert [v[7.0] for v in values] == [7, 0]


def test_random_slopes_stay_in_their_range_and_are_the_same_each_time() -> None:
    first, again = lines("rrelu"), lines("rrelu")
    slopes = [y / x for x, y in first[0] if x < 0]
    assert first == again
    assert min(slopes) >= 0.125
    assert max(slopes) <= 1 / 3
    assert len({round(s, 9) for s in slopes}) == len(slopes) >= 100
    assert [y for x, y in lines("rrelu", "gradient")[0]] == pytest.approx(slopes)


def test_attention_has_no_curve() -> None:
    with pytest.raises(NoCurveError, match="multihead_attention is not a function of one number"):
        lines("multihead_attention")


@pytest.mark.parametrize("value", ["x*1e400", "((x**64)**64)**64", "1/x", "x + ((b**64)**64)**64"])
def test_values_that_fit_no_picture(value: str) -> None:
    """Poles, and numbers beyond float64."""
    pieces = (Piece((), parse(value.replace("b", "1e10"), frozenset({"x"}))),)
    spec = replace(SPECS["elu"], definition=pieces)
    with pytest.raises(NoCurveError, match=r"elu has no curve: (its values reach|at x = )"):
        curve(spec, spec.default)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("elu", "ELU(alpha=1.0)"),
        ("hardshrink", "Hardshrink(0.5)"),
        ("hardtanh", "Hardtanh(min_val=-1.0, max_val=1.0)"),
        ("rrelu", "RReLU(lower=0.125, upper=0.3333333333333333)"),
        ("gelu", "GELU(approximate='none')"),
        ("softplus", "Softplus(beta=1, threshold=20)"),
        ("relu", "ReLU()"),
    ],
)
def test_titles_are_those_of_the_article(name: str, expected: str) -> None:
    assert title(SPECS[name], SPECS[name].default) == expected


def test_a_title_fills_in_parameters_and_nothing_else() -> None:
    spec = replace(SPECS["elu"], plot_title="{alpha.__class__} {unknown} {alpha} {0} {")
    assert title(spec, spec.default) == "{alpha.__class__} {unknown} 1.0 {0} {"


def test_a_hostile_title_stays_text() -> None:
    spec = replace(SPECS["elu"], plot_title="</text><script>alert(1)</script>\"'&")
    panel = Panel(title(spec, spec.default), curve(spec, spec.default))
    for made in (svg(panel, spec.plot_title), svg_file([panel])):
        root = ElementTree.fromstring(made)
        assert not [node for node in root.iter() if node.tag.endswith("script")]
        assert spec.plot_title in [node.text for node in root.iter()]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 6, [0, 1, 2, 3, 4, 5, 6]),
        (-0.2, 1.1, [0, 0.5, 1]),
        (-30, 31, [-20, 0, 20]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_a_simplified_line_stays_within_its_tolerance() -> None:
    line = tuple((x / 10, 20 * math.sin(x / 100)) for x in range(1000))
    short = simplified(line, 0.05)
    assert len(short) < 100
    for (x0, y0), (x1, y1) in itertools.pairwise(short):
        between = [(x, y) for x, y in line if x0 < x < x1]
        assert all(abs(y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y) < 0.1 for x, y in between)


def run(*arguments: object) -> int:
    return cli.main(["plot", *map(str, arguments)])


def test_all_are_drawn_as_small_svg(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--all", "-o", tmp_path / "new" / "folder") == 0
    written = sorted(p.stem for p in (tmp_path / "new" / "folder").iterdir())
    assert written == sorted(DRAWN)
    assert "skipped: multihead_attention is not a function" in capsys.readouterr().out
    for path in (tmp_path / "new" / "folder").iterdir():
        root = ElementTree.parse(path).getroot()
        curves = [n for n in root.iter() if n.attrib.get("class") == "curve"]
        assert len(curves) == 2
        assert path.stat().st_size < 8000


def test_a_png_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="png pictures need matplotlib")
    assert run("silu", "-o", tmp_path, "--format", "png") == 0
    assert (tmp_path / "silu.png").read_bytes().startswith(b"\x89PNG")


def test_png_without_matplotlib_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert run("silu", "-o", tmp_path, "--format", "png") == 2
    assert "pip install 'actcheck[plot]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "message"),
    [("gelo", "gelu"), ("multihead_attention", "it has no curve"), ("no.yaml", "no.yaml")],
)
def test_what_cannot_be_drawn_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    assert run(name, "-o", tmp_path) == 2
    assert message in capsys.readouterr().err


def test_a_name_or_all_must_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("-o", tmp_path)
    assert stopped.value.code == 2
    assert "--all" in capsys.readouterr().err
