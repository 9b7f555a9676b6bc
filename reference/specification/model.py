"""A specification as frozen records, the way the YAML file holds it; nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from actcheck.reference.expressions.tree import ZERO, Condition, Node
from actcheck.reference.machine.by_content import ByContent

Kind = Literal["elementwise", "channelwise", "gated", "concatenating", "random", "attention", "normalizing"]
Quantity = Literal["forward", "gradient", "second_derivative", "weight_gradient"]
ParameterValue = float | int | bool | str | None
Parameters = Mapping[str, ParameterValue]


@dataclass(frozen=True)
class Source:
    """Where an activation was introduced."""

    title: str
    authors: str
    year: int
    url: str | None = None


@dataclass(frozen=True)
class Parameter:
    """One parameter of an activation."""

    name: str
    type: Literal["real", "integer", "boolean", "choice", "array"]
    meaning: str
    #: None where the caller must give a value (``required``), or where None itself is the default.
    default: ParameterValue = None
    required: bool = False
    choices: tuple[str, ...] = ()
    constraint: Condition = ()
    #: Shape of an array parameter, in words.
    shape: str | None = None


@dataclass(frozen=True)
class Piece:
    """One case of a definition: the first piece whose condition holds gives the value."""

    when: Condition
    value: Node


Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class Limits:
    """The limits of a quantity, as cases over the parameters."""

    minus_infinity: Pieces
    plus_infinity: Pieces


@dataclass(frozen=True)
class Kink:
    """A point where the derivative jumps, and the derivative torch is known to answer there."""

    at: Node
    torch: Node


@dataclass(frozen=True)
class Property:
    """A property of the function that a backend must keep; range has its ends, total its value."""

    property: Literal["odd", "even", "increasing", "decreasing", "range", "total"]
    when: Condition = ()
    low: Node | None = None
    high: Node | None = None
    value: Node | None = None


@dataclass(frozen=True)
class Budget:
    """The ULP that a float32 or float64 result may be off, and why so many."""

    ulp: float
    because: str


@dataclass(frozen=True)
class Scale:
    """s(x) of one quantity, as cases over the parameters, and why it is no smaller."""

    cases: Pieces
    because: str = ""

    @property
    def is_zero(self) -> bool:
        """Whether it is 0 whatever the parameters: then a scaled error is the error."""
        return all(case.value == ZERO for case in self.cases)


@dataclass(frozen=True, eq=False)
class Variant(ByContent):
    """An activation with its parameter values, all of them given."""

    activation: str
    kind: Literal["default", "exact", "awkward"]
    #: Every parameter with its value.
    parameters: Parameters
    #: The parameters that the specification's variant names: those that differ from the defaults.
    given: Parameters

    @cached_property
    def label(self) -> str:
        """Short and stable: ``default``, or ``alpha=0.5,beta=2``."""
        return ",".join(f"{name}={value}" for name, value in self.given.items()) or "default"


@dataclass(frozen=True)
class Refused:
    """Parameters that must be refused with an error."""

    parameters: Parameters
    because: str


@dataclass(frozen=True)
class Convention:
    """What some dialects settle otherwise than torch does, for one activation."""

    #: Their names (see `dialects`).
    dialects: tuple[str, ...]
    because: str
    #: Parameters with other defaults.
    defaults: Parameters = field(default_factory=dict)
    #: The definition by comparisons leaves zero at NaN.
    zero_at_nan: bool = False
    #: A zero result at x = 0 may have either sign.
    any_zero_sign: bool = False


@dataclass(frozen=True, eq=False)
class Spec(ByContent):
    """One activation, as its YAML file defines it."""

    id: str
    title: str
    summary: str
    kind: Kind
    aliases: tuple[str, ...]
    sources: tuple[Source, ...]
    parameters: tuple[Parameter, ...]
    #: Conditions that tie parameters together, such as min_val < max_val.
    constraints: Condition
    input_shape: str
    output_shape: str
    #: For kinds other than elementwise and random: the value of one output element in its symbols.
    definition: Pieces
    limits: Mapping[str, Limits]
    #: Sign of a zero result at x = +-0: the input's, either, or what the definition's piece gives.
    zero_sign: Literal["input", "either", "definition"]
    kinks: tuple[Kink, ...]
    properties: tuple[Property, ...]
    variants: tuple[Variant, ...]
    refused: tuple[Refused, ...]
    accuracy: Mapping[str, Budget]
    #: s(x), what conditioning costs, by quantity; 0 where it is absent.
    scale: Mapping[str, Scale]
    in_place: bool
    plot_title: str
    #: Rules in words that no other field holds (masks, appended rows, training).
    rules: tuple[str, ...]
    #: SHA-256 of the file's bytes.
    digest: str
    path: str = field(compare=False)
    #: What the symbols of the definition mean, for kinds other than elementwise and random.
    symbols: Mapping[str, str] = field(default_factory=dict)
    #: The definition in words and signs, where no expression over single elements says it (attention).
    formula: str | None = None
    #: What dialects settle otherwise; no part of the law.
    conventions: tuple[Convention, ...] = field(default=(), compare=False)
    #: The specification as its file gives it, of one in another dialect: what proofs are about.
    law: Spec | None = field(default=None, compare=False)

    @property
    def default(self) -> Variant:
        """The first variant: the defaults."""
        return self.variants[0]

    def refused_label(self, row: Refused) -> str:
        """``alpha=0``: the parameters of a row that are not the default variant's."""
        usual = self.default.parameters
        given = {name: value for name, value in row.parameters.items() if value != usual.get(name)}
        words = {n: f"{v:g}" if isinstance(v, int | float) else repr(v) for n, v in given.items()}
        return ",".join(f"{name}={value}" for name, value in words.items())

    def has_scale(self, quantity: str) -> bool:
        """Whether the scaled error of a quantity is another number than its error."""
        return quantity in self.scale and not self.scale[quantity].is_zero

    @property
    def elementwise(self) -> bool:
        """Whether one real function of one real number says it all (rrelu: in evaluation)."""
        return self.kind in ("elementwise", "random")
