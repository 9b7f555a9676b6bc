"""The MathML reading of the tree: a definition as a formula that browsers typeset themselves."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from actcheck.reference.expressions.tree import (
    Binary,
    Call,
    Comparison,
    Condition,
    Negate,
    Node,
    Number,
    Power,
    Symbol,
    Text,
    condition_text,
    decimal,
    text,
)
from actcheck.reference.specification.model import Pieces

#: Names with a customary sign; others are set upright, as words are.
SIGNS = {
    "alpha": "α",
    "beta": "β",
    "lambd": "λ",
    "pi": "π",
    "inf": "∞",
    "Phi": "Φ",
    "sigmoid": "σ",
    "log": "ln",
}
_RELATIONS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
_RANK = {"+": 1, "-": 1, "*": 2, "/": 4}
#: Characters of a number that the formula shows.
_DIGITS = 10
_APPLY = "\u2061"


def definition(name: str, over: Sequence[str], pieces: Pieces) -> str:
    """``name(x) = ...`` as a MathML element, its cases in a brace; escaped and safe in a page."""
    math = Element("math", {"display": "block", "alttext": definition_text(name, over, pieces)})
    row = SubElement(math, "mrow")
    row.extend([_word(name), _fence(_list([_symbol(n) for n in over])), _leaf("mo", "=")])
    row.append(_node(pieces[0].value) if len(pieces) == 1 and not pieces[0].when else _cases(pieces))
    return tostring(math, encoding="unicode")


def expression(node: Node) -> str:
    """One expression as an inline MathML element; escaped and safe in a page."""
    math = Element("math", {"alttext": text(node)})
    math.append(_node(node))
    return tostring(math, encoding="unicode")


def cases(pieces: Pieces) -> str:
    """An expression in cases as an inline MathML element; escaped and safe in a page."""
    single = len(pieces) == 1 and not pieces[0].when
    math = Element("math", {"alttext": _cases_text(pieces)})
    math.append(_node(pieces[0].value) if single else _cases(pieces))
    return tostring(math, encoding="unicode")


def definition_text(name: str, over: Sequence[str], pieces: Pieces) -> str:
    """The definition in one line of text, in the notation of the specification."""
    return f"{name}({', '.join(over)}) = {_cases_text(pieces)}"


def _cases_text(pieces: Pieces) -> str:
    conditions = [f" if {condition_text(p.when)}" if p.when else "" for p in pieces]
    return "; otherwise ".join(text(p.value) + c for p, c in zip(pieces, conditions, strict=True))


def _cases(pieces: Pieces) -> Element:
    row = Element("mrow")
    row.append(_leaf("mo", "{", stretchy="true"))
    table = SubElement(row, "mtable", {"class": "cases", "displaystyle": "true"})
    for piece in pieces:
        line = SubElement(table, "mtr")
        SubElement(line, "mtd").append(_node(piece.value))
        SubElement(line, "mtd").append(_condition(piece.when))
    return row


def _condition(condition: Condition) -> Element:
    if not condition:
        return _leaf("mtext", "otherwise")
    row = _row(_leaf("mtext", "if\u00a0"))
    for index, comparison in enumerate(condition):
        if index:
            row.append(_leaf("mtext", "\u00a0and\u00a0"))
        row.extend(_comparison(comparison))
    return row


def _comparison(comparison: Comparison) -> list[Element]:
    operator = _RELATIONS.get(comparison.operator, comparison.operator)
    return [_node(comparison.left), _leaf("mo", operator), _node(comparison.right)]


def _node(node: Node, rank: int = 0) -> Element:
    match node:
        case Number(value):
            shown = _number(decimal(value) if value.denominator > 1 else str(value))
            return _fence(shown) if rank > 1 and value < 0 else shown
        case Text(value):
            return _leaf("mtext", f"\u2018{value}\u2019")
        case Symbol(name):
            return _symbol(name)
        case Binary("/", left, right):
            return _row(_tree("mfrac", _node(left), _node(right)))
        case Binary(operator, left, right):
            return _binary(operator, left, right, rank)
        case Negate(operand):
            shown = _row(_leaf("mo", "−"), _node(operand, 2))
            return _fence(shown) if rank > 1 else shown
        case Power(base, exponent):
            return _tree("msup", _node(base, 5), _leaf("mn", str(exponent)))
        case Call("sum", (term,)):
            return _call("sum", [_node(term, 2)])
        case Call(function, arguments):
            return _call(function, [_node(a) for a in arguments])


def _binary(operator: str, left: Node, right: Node, rank: int) -> Element:
    own = _RANK[operator]
    sign = {"*": _product(left, right), "-": "−"}.get(operator, operator)
    shown = _row(_node(left, own), _leaf("mo", sign), _node(right, own + (operator == "-")))
    return _fence(shown) if own < rank else shown


def _product(left: Node, right: Node) -> str:
    """A visible dot only where two numbers would run into one, or a number follows."""
    return "·" if isinstance(right, Number) or (isinstance(left, Number) and _begins(right)) else "\u2062"


def _begins(node: Node) -> bool:
    """Whether the expression begins with a digit."""
    match node:
        case Number():
            return True
        case Binary("/", _, _):
            return False
        case Binary(_, left, _) | Power(left, _):
            return _begins(left)
        case _:
            return False


def _call(function: str, arguments: list[Element]) -> Element:
    match function:
        case "exp":
            return _tree("msup", _leaf("mi", "e"), _row(*arguments))
        case "sqrt":
            return _tree("msqrt", *arguments)
        case "sum":
            return _row(_leaf("mo", "∑"), *arguments)
        case "abs":
            return _row(_leaf("mo", "|", fence="true"), *arguments, _leaf("mo", "|", fence="true"))
    return _row(_word(SIGNS.get(function, function)), _leaf("mo", _APPLY), _fence(_list(arguments)))


def _list(items: list[Element]) -> Element:
    row = _row(items[0])
    for item in items[1:]:
        row.extend([_leaf("mo", ","), item])
    return row


def _symbol(name: str) -> Element:
    sign = SIGNS.get(name, name)
    return _leaf("mi", sign) if len(sign) == 1 else _word(sign)


def _number(shown: str) -> Element:
    """A number; a quotient or a power of ten is set as one."""
    if "/" in shown:
        above, below = shown.split("/")
        return _tree("mfrac", _number(above), _leaf("mn", below))
    if shown.startswith("-"):
        return _row(_leaf("mo", "−"), _number(shown[1:]))
    # The text beside the formula has every digit.
    return _leaf("mn", f"{shown[:_DIGITS]}…" if len(shown) > _DIGITS + 3 else shown)


def _word(name: str) -> Element:
    return _leaf("mi", name, mathvariant="normal")


def _leaf(tag: str, content: str, **attributes: str) -> Element:
    element = Element(tag, attributes)
    element.text = content
    return element


def _tree(tag: str, *parts: Element) -> Element:
    element = Element(tag)
    element.extend(parts)
    return element


def _row(*parts: Element) -> Element:
    return _tree("mrow", *parts)


def _fence(inner: Element) -> Element:
    return _row(_leaf("mo", "("), inner, _leaf("mo", ")"))
