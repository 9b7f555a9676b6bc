"""The nouns of the suite: a question, what was found, and what it amounts to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, Protocol

from actcheck.adapters.base import Adapter
from actcheck.reference.judging.number_models import NumberModel
from actcheck.reference.judging.verdict import Verdict
from actcheck.reference.specification.dialects import OWN, Dialect, named, own_conventions
from actcheck.reference.specification.model import Spec, Variant

Level = Literal["quick", "full", "exhaustive"]
Profile = Literal["strict", "standard"]
Grade = Literal["exact", "faithful", "tight", "budget", "scaled", "loose"]
Outcome = Literal["pass", "fail", "known_deviation", "stale_deviation", "unsupported", "error"]
PROFILES: tuple[Profile, ...] = ("strict", "standard")
LEVELS: tuple[Level, ...] = ("quick", "full", "exhaustive")
OUTCOMES: tuple[Outcome, ...] = (
    "pass",
    "fail",
    "known_deviation",
    "stale_deviation",
    "unsupported",
    "error",
)


@dataclass(frozen=True)
class Settings:
    """What a run was asked for: one record from the command line to the process that asks the backend.

    Empty names of activations, formats or checks leave nothing out.
    """

    #: As given on the command line: a name, ``path.py:Class``, ...
    backend: str
    #: Ids, or paths of the user's own specifications.
    activations: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    #: Names of checks, or ids of questions; both may hold the wildcards ``*`` and ``?``.
    checks: tuple[str, ...] = ()
    level: Level = "quick"
    profile: Profile = "standard"
    seed: int = 0
    #: Quantities of which an unsupported question fails.
    require: tuple[str, ...] = ()
    #: The number model to judge in, of `number_models.MODELS`; empty for what the backend documents.
    number_model: str = ""
    #: The dialect to judge in, of `dialects`; empty for the backend's own.
    dialect: str = ""


@dataclass(frozen=True)
class Question:
    """One check put to one variant, format and quantity of one backend."""

    check: str
    spec: Spec
    variant: Variant
    format: str
    quantity: str

    @property
    def activation(self) -> str:
        """The id of the activation."""
        return self.spec.id

    @property
    def label(self) -> str:
        """The variant in short."""
        return self.variant.label

    @property
    def id(self) -> str:
        """Stable and readable: ``accuracy-gelu-approximate=tanh-float32-forward``."""
        return "-".join((self.check, self.activation, self.variant.label, self.format, self.quantity))


@dataclass(frozen=True)
class Context:
    """What is examined, and how thoroughly: the same for every question of a run."""

    adapter: Adapter
    level: Level = "quick"
    profile: Profile = "standard"
    seed: int = 0
    #: What is right beside the answers of IEEE arithmetic.
    number_model: NumberModel = field(default_factory=NumberModel)
    #: Whose conventions are right.
    dialect: Dialect = field(default_factory=partial(named, OWN))

    @property
    def few_shapes(self) -> bool:
        """Whether arrays of few shapes are asked: at quick, of a backend that compiles for every new one."""
        return self.level == "quick" and self.adapter.describe().dear_shapes

    def judging(self, spec: Spec) -> NumberModel:
        """What is right beside the answers of IEEE arithmetic, the conventions of the dialect included."""
        return judging(self.number_model, self.dialect, spec)


def judging(model: NumberModel, dialect: Dialect, spec: Spec) -> NumberModel:
    """A number model with what a dialect allows of an activation."""
    own = [*own_conventions(spec, dialect)]
    return replace(
        model,
        no_zero_sign=model.no_zero_sign or any(c.any_zero_sign for c in own),
        any_slope_at_nan=dialect.slopes_at_nan == "any",
        zero_at_nan=any(c.zero_at_nan for c in own),
    )


@dataclass(frozen=True)
class Example:
    """One input at which a fault shows: what came back, and what was expected, as floats."""

    x: float
    got: float
    expected: float
    #: What the quantity was multiplied by.
    upstream: float = 1.0


@dataclass(frozen=True)
class CallExample:
    """One call of a question that puts many, and the element of a result at which a fault shows."""

    #: What tells the call from the others of its question.
    words: str
    #: Which result; empty where the fault is in none of them, an exception for instance.
    result: str = ""
    index: tuple[int, ...] = ()
    got: float = math.nan
    expected: float = math.nan


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, in a form that a known deviation can name."""

    #: What kind of fault: a class (wrong_nan, ...), ``max_ulp``, ``accepted:alpha=0``, ...
    what: str
    #: One sentence for a person: input in hex, got, expected, error.
    message: str
    #: How large, where that has a meaning (an error in ULP): an excuse states its bound.
    size: float | None = None
    #: Closed ranges of inputs that it affects, as floats; an excuse must cover them.
    inputs: tuple[tuple[float, float], ...] = ()
    #: The worst input, where the fault is one of single inputs.
    example: Example | None = None
    #: The call in which it shows, where a question puts calls that no single input tells.
    call: CallExample | None = None


@dataclass(frozen=True)
class Finding:
    """What a check measured: the fields of the results, and the faults."""

    faults: tuple[Fault, ...] = ()
    grade: Grade | None = None
    verdict: Verdict | None = None
    points: int | None = None
    exhaustive: bool | None = None
    #: Anything a report shows beside (a kink convention, where a parameter was refused).
    notes: Mapping[str, Any] = field(default_factory=dict)
    #: One line for a person, when there is no fault.
    message: str = ""
    #: Fields of the results that only some checks have: segments and times of a sweep.
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NotApplicable:
    """The backend's reason why the question has no answer."""

    reason: str


Answer = Finding | NotApplicable


@dataclass(frozen=True)
class Failure:
    """No answer: the backend or the harness broke."""

    #: Who broke: ``backend`` or ``harness``.
    who: str
    #: What happened, in a line.
    what: str
    #: File and line of the innermost frame of who broke.
    where: str
    #: By an exception: the process lives, and a known deviation may name it as ``raised``.
    raised: bool = False


class Check(Protocol):
    """One kind of question. An instance holds no state: `answer` may run in any process."""

    #: The ``check`` field of the results.
    name: str

    def questions(self, spec: Spec, level: Level) -> Iterable[Question]:
        """The questions to put to any backend for one activation at a level."""
        ...

    def answer(self, question: Question, context: Context) -> Answer:
        """Ask the adapter and judge. Formats the backend lacks never arrive here; exceptions that the
        adapter raises may pass through: they become the outcome ``error``, with their text. So may an
        `UnansweredError` of `backends.asker`, which says what the answer is."""
        ...
