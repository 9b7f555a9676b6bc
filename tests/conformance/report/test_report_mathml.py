"""Definitions as MathML: well formed, complete and escaped."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from actcheck.conformance.pictures import mathml
from actcheck.reference.expressions.parsing import parse, parse_condition
from actcheck.reference.expressions.tree import Text
from actcheck.reference.specification.loading import load_all
from actcheck.reference.specification.model import Piece

NAMES = frozenset({"x", "alpha", "lambd", "negative_slope"})


def shown(source: str) -> str:
    """The formula's text, element by element, invisible signs left out."""
    root = ElementTree.fromstring(mathml.expression(parse(source, NAMES)))
    return " ".join(t for t in root.itertext() if t not in ("\u2061", "\u2062"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x*Phi(x)", "x Φ ( x )"),
        ("alpha*(exp(x) - 1)", "α ( e x − 1 )"),
        ("(x + 1)*(x - 1)", "( x + 1 ) ( x − 1 )"),
        ("x - (alpha - 1)", "x − ( α − 1 )"),
        ("x - alpha - 1", "x − α − 1"),
        ("x*2", "x · 2"),
        ("2*3*x", "2 · 3 x"),
        ("(x + 1)**2", "( x + 1 ) 2"),
        ("-(x*alpha)", "− x α"),
        ("x*(-alpha)", "x ( − α )"),
        ("0.044715*x**3", "0.044715 x 3"),
        ("(x + 1)/6", "x + 1 6"),
        ("sqrt(2/pi)", "2 π"),
        ("abs(x)", "| x |"),
        ("min(max(0, x), 6)", "min ( max ( 0 , x ) , 6 )"),
        ("log(1 + exp(x))", "ln ( 1 + e x )"),
        ("negative_slope*x", "negative_slope x"),
        ("sigmoid(-x)", "σ ( − x )"),
        ("-inf", "− ∞"),
        ("-1.0507009873554804934193349852946*x", "( − 1.05070098… ) x"),
    ],
)
def test_expressions_read_as_formulas(source: str, expected: str) -> None:
    assert shown(source) == expected


def test_cases_stand_in_a_brace_with_their_conditions() -> None:
    pieces = (
        Piece(parse_condition("-lambd <= x <= lambd", NAMES), parse("0", NAMES)),
        Piece((), parse("x", NAMES)),
    )
    root = ElementTree.fromstring(mathml.definition("Hardshrink", ["x"], pieces))
    rows = list(root.iter("mtr"))
    assert len(rows) == 2
    assert "".join(rows[0].itertext()) == "0if\u00a0−λ≤x\u00a0and\u00a0x≤λ"
    assert "".join(rows[1].itertext()) == "xotherwise"
    assert root.attrib["alttext"] == "Hardshrink(x) = 0 if -lambd <= x and x <= lambd; otherwise x"


@pytest.mark.parametrize("spec", load_all().values(), ids=lambda s: s.id)
def test_every_shipped_definition_is_well_formed(spec: object) -> None:
    pieces = spec.definition  # type: ignore[attr-defined]
    if pieces:
        root = ElementTree.fromstring(mathml.definition(spec.title, ["x"], pieces))  # type: ignore[attr-defined]
        assert len(list(root.iter("mtr"))) in (0, len(pieces))


def test_what_a_specification_says_is_escaped() -> None:
    hostile = "</math><script>alert(1)</script>\"'"
    made = mathml.definition(hostile, [hostile], (Piece((), Text(hostile)),))
    assert "<script" not in made
    assert hostile in "".join(ElementTree.fromstring(made).itertext())
