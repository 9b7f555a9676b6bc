"""Ordinary Python arithmetic to an expression tree, by walking ``ast``: nothing is evaluated as code."""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import NoReturn

from actcheck.reference.expressions.budget import shortened
from actcheck.reference.expressions.tree import (
    FUNCTIONS,
    SUM,
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
)

CONSTANTS = frozenset({"pi", "inf"})
_LONGEST = 2000
_DEEPEST = 60
#: A constant lies between ten to the power of this and of its negative; float64 ends at 308 and -324.
_FARTHEST = 400
_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


@dataclass(frozen=True)
class ExpressionError(ValueError):
    """An expression that is not in the language, with the place in its text."""

    message: str
    source: str
    column: int

    def __str__(self) -> str:
        return f"{self.message} (column {self.column + 1} of {shortened(self.source, self.column)!r})"


def parse(source: str, names: frozenset[str], sums: bool = False) -> Node:
    """The tree of an expression over ``names`` (x and the parameters), `FUNCTIONS`, pi and inf.

    With ``sums`` it may hold sums over the elements of a row. Raises ExpressionError for anything else:
    attributes, subscripts, keywords, unknown names.
    """
    parser = _Parser(source, names, sums)
    return parser.node(parser.body, 0)


def parse_condition(source: str, names: frozenset[str]) -> Condition:
    """The comparisons of a condition: ``x > lambd``, ``-3 < x < 3``, ``a > 0 and b < 0``."""
    parser = _Parser(source, names)
    return parser.condition(parser.body)


class _Parser:
    def __init__(self, source: str, names: frozenset[str], sums: bool = False) -> None:
        self.source = source
        self.functions = {**FUNCTIONS, SUM: 1} if sums else FUNCTIONS
        self.names = names | CONSTANTS
        if len(source) > _LONGEST:
            raise ExpressionError(f"longer than {_LONGEST} characters", source[:40] + "...", 0)
        try:
            self.body = ast.parse(source.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            place = getattr(error, "offset", None) or 1
            reason = getattr(error, "msg", None) or str(error)
            raise ExpressionError(f"syntax error: {reason}", source, place - 1) from None

    def refuse(self, message: str, at: ast.expr) -> NoReturn:
        raise ExpressionError(message, self.source, at.col_offset)

    def node(self, at: ast.expr, depth: int) -> Node:
        if depth > _DEEPEST:
            self.refuse(f"nested deeper than {_DEEPEST} levels", at)
        match at:
            case ast.Constant():
                return self.constant(at)
            case ast.Name(id=name):
                return self.symbol(name, at)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negate(self.node(operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.node(operand, depth + 1)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return Power(self.node(left, depth + 1), self.exponent(right))
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
                sign = _OPERATORS[type(operator)]
                return Binary(sign, self.node(left, depth + 1), self.node(right, depth + 1))
            case ast.Call():
                return self.call(at, depth)
        self.refuse(f"{type(at).__name__.lower()} is not allowed in a definition", at)

    def constant(self, at: ast.Constant) -> Node:
        if isinstance(at.value, str):
            return Text(at.value)
        if isinstance(at.value, bool) or not isinstance(at.value, int | float):
            self.refuse(f"{at.value!r} is not a number", at)
        # The digits as written, not the binary64 number nearest to them.
        digits = ast.get_source_segment(self.source.strip(), at) or ""
        try:
            written = Decimal(digits)
        except InvalidOperation:  # of another base
            written = Decimal(int(at.value))
        if written and abs(written.adjusted()) > _FARTHEST:
            self.refuse(f"a number must lie between 1e-{_FARTHEST} and 1e{_FARTHEST}", at)
        return Number(Fraction(written))

    def symbol(self, name: str, at: ast.expr) -> Node:
        if name not in self.names:
            self.refuse(f"unknown name {name!r}{_near(name, self.names)}", at)
        return Symbol(name)

    def exponent(self, at: ast.expr) -> int:
        match at:
            case ast.Constant(value=int(value)) if not isinstance(value, bool) and 0 <= value <= 64:
                return value
        self.refuse("an exponent must be a whole number from 0 to 64", at)

    def call(self, at: ast.Call, depth: int) -> Node:
        if not isinstance(at.func, ast.Name):
            self.refuse("only the functions of the closed list can be called", at)
        name = at.func.id
        if name not in self.functions:
            if name == SUM:
                self.refuse("only the definition of a normalizing activation can hold a sum", at)
            self.refuse(f"unknown function {name!r}{_near(name, self.functions)}", at)
        if at.keywords or len(at.args) != self.functions[name]:
            self.refuse(f"{name} takes {self.functions[name]} argument(s)", at)
        return Call(name, tuple(self.node(a, depth + 1) for a in at.args))

    def condition(self, at: ast.expr) -> Condition:
        match at:
            case ast.BoolOp(op=ast.And(), values=values):
                return tuple(c for value in values for c in self.condition(value))
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                operands = [self.node(operand, 0) for operand in (left, *comparators)]
                signs = [_COMPARISONS.get(type(op)) for op in ops]
                if None in signs:
                    self.refuse("only < <= > >= == != compare", at)
                return tuple(
                    Comparison(str(sign), a, b)
                    for sign, a, b in zip(signs, operands, operands[1:], strict=False)
                )
        self.refuse("a condition must be a comparison, or comparisons joined by 'and'", at)


def _near(name: str, known: object) -> str:
    near = difflib.get_close_matches(name, list(known), n=2)  # type: ignore[call-overload]
    return f"; near: {', '.join(near)}" if near else ""
