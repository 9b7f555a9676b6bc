"""A bare function to be examined: what it computes, with which arrays, and what it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from typing import Any, TypeVar

import numpy as np

from actcheck.adapters.callables import CallableAdapter, library, name_of
from actcheck.conformance.checks import CHECKS
from actcheck.conformance.model import LEVELS, PROFILES, Context, Level, Profile, Question
from actcheck.conformance.names import ANY
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.number_models import NumberModel
from actcheck.reference.specification import loading
from actcheck.reference.specification.choosing import chosen
from actcheck.reference.specification.loading.errors import near
from actcheck.reference.specification.model import Spec, Variant

Function = Callable[..., Any]
T = TypeVar("T", bound=str)
QUANTITIES = ("forward", "gradient")
#: What can be asked of a function that has no framework around it.
ASKED = ("accuracy", "special_values", "kinks", "properties", "shapes", "consistency")


@dataclass(frozen=True)
class Options:
    """How a function is asked: the keyword arguments of `check` but for the checks."""

    dtypes: Sequence[str] = ("float32",)
    quantities: Sequence[str] | None = None
    level: str = "quick"
    gradient: Function | None = None
    like: str = "numpy"
    device: str | None = None
    number_model: str = "ieee"
    profile: str = "standard"
    seed: int = 0


@dataclass(frozen=True)
class Examined:
    """A function, and all that is said of it."""

    function: Function
    spec: Spec
    variant: Variant
    formats: tuple[str, ...]
    quantities: tuple[str, ...]
    adapter: CallableAdapter
    number_model: NumberModel
    level: Level
    profile: Profile
    seed: int

    @classmethod
    def of(
        cls,
        function: Function,
        activation: str | PathLike[str] | Spec,
        parameters: Mapping[str, Any],
        options: Options,
    ) -> Examined:
        """From what a caller says. Raises ValueError or TypeError, with what to do."""
        if not callable(function):
            raise TypeError(f"the function to examine must be callable, not a {type(function).__name__}")
        spec = activation if isinstance(activation, Spec) else loading.find(activation)
        if spec.kind == "attention":
            raise ValueError(f"{spec.id} is no function of one array; write an adapter: adapters/README.md")
        formats = tuple(_known("dtypes", options.dtypes, tuple(FORMATS)))
        quantities = _quantities(spec, options)
        number_model = NumberModel.named(options.number_model)
        arrays = library(options.like, options.device, formats)
        return cls(
            function,
            spec,
            _variant(spec, parameters),
            formats,
            quantities,
            CallableAdapter(function, spec.id, arrays, formats, options.gradient, options.number_model),
            number_model,
            _one_of("level", options.level, LEVELS),
            _one_of("profile", options.profile, PROFILES),
            options.seed,
        )

    @property
    def name(self) -> str:
        """What the function is called."""
        return name_of(self.function)

    @cached_property
    def context(self) -> Context:
        """What the checks are given."""
        return Context(self.adapter, self.level, self.profile, self.seed, self.number_model)

    def questions(self, checks: Sequence[str]) -> list[Question]:
        """The questions of these checks, those that are put to the default variant.

        Raises ValueError for a check that is none of `ASKED`, and where nothing is left to ask.
        """
        wanted = _known("checks", checks, ASKED)
        asked = [
            replace(question, variant=self.variant)
            for check in CHECKS
            if check.name in wanted
            for question in check.questions(self.spec, self.level)
            if question.variant == self.spec.default
            and question.format in (*self.formats, ANY)
            and question.quantity in self.quantities
        ]
        if not asked:
            raise ValueError(
                f"{self.spec.id}: none of the checks {', '.join(checks)} has a question for this"
            )
        return asked


def _known(what: str, given: Sequence[str], known: Sequence[str]) -> list[str]:
    """The names, which must be known ones. Raises ValueError."""
    if isinstance(given, str):
        given = [given]
    for name in given:
        if name not in known:
            raise ValueError(f"{what}: no {name!r}{near(str(name), known)}; known: {', '.join(known)}")
    if not given:
        raise ValueError(f"{what}: name at least one of {', '.join(known)}")
    return list(given)


def _one_of(what: str, given: str, known: Sequence[T]) -> T:
    """The one that was named. Raises ValueError."""
    _known(what, [given], tuple(map(str, known)))
    return next(one for one in known if one == given)


def _variant(spec: Spec, parameters: Mapping[str, Any]) -> Variant:
    arrays = [p.name for p in spec.parameters if p.type == "array"]
    given = [name for name in arrays if name in parameters]
    if given:
        raise TypeError(f"{spec.id}: {given[0]} is not passed here; the function is called with many of it")
    return chosen(spec, {**{name: np.ones(1) for name in arrays}, **parameters})


def _quantities(spec: Spec, options: Options) -> tuple[str, ...]:
    if options.quantities is None:
        return QUANTITIES if options.gradient is not None else QUANTITIES[:1]
    found = tuple(_known("quantities", options.quantities, QUANTITIES))
    if "gradient" in found and options.gradient is None and options.like not in ("torch", "jax"):
        raise ValueError(
            f"quantities: the gradient of {spec.id} needs gradient=, a function of (x, upstream), or "
            "like='torch' or like='jax', whose own gradient is asked for"
        )
    return found
