"""Specifications from their YAML files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from os import PathLike
from pathlib import Path

from actcheck.reference.specification.loading.documents import SHIPPED, Document, read, read_bytes
from actcheck.reference.specification.loading.errors import Problem, SpecError, near
from actcheck.reference.specification.loading.expressions import expressions
from actcheck.reference.specification.loading.passed import problems_of
from actcheck.reference.specification.loading.records import build
from actcheck.reference.specification.loading.rules import rule_problems
from actcheck.reference.specification.loading.schema import schema_problems
from actcheck.reference.specification.loading.values import value_problems
from actcheck.reference.specification.model import Spec

__all__ = ["Problem", "SpecError", "digest_of", "find", "load", "load_all"]

#: What messages call a specification that is given as text.
_TEXT = "<text>"


def load(path: str | PathLike[str]) -> Spec:
    """The specification in a YAML file.

    Raises SpecError, which lists all errors of the file as ``file:line: key: message``.
    """
    return _loaded(read(Path(path)))


def _loaded(document: Document) -> Spec:
    problems = [*document.problems, *schema_problems(document)]
    if not isinstance(document.data, dict):
        raise SpecError(problems)
    broken = frozenset(problem.top for problem in problems)
    found = expressions(document)
    problems += found.problems
    problems += rule_problems(document, found, broken)
    problems += value_problems(document, found, broken)
    _raise(problems)
    spec = build(document, found)
    _raise(problems_of(document, spec))
    return spec


def _raise(problems: Iterable[Problem]) -> None:
    listed = list(problems)
    if listed:
        raise SpecError(listed)


def load_all() -> dict[str, Spec]:
    """The shipped specifications by id, in the order of ``spec/order.txt``; others follow by name.

    Raises SpecError with the errors of all files.
    """
    return dict(_shipped())


def groups() -> tuple[tuple[str, tuple[Spec, ...]], ...]:
    """The shipped specifications: those that ``spec/order.txt`` names, then the others; no group is empty.

    Raises SpecError with the errors of all files.
    """
    ordered, specs = _ordered(), load_all().values()
    first, others = (tuple(s for s in specs if (s.id in ordered) == named) for named in (True, False))
    return tuple((title, group) for title, group in (("torch.nn", first), ("Others", others)) if group)


@lru_cache(maxsize=1)
def _ordered() -> tuple[str, ...]:
    return tuple((SHIPPED / "order.txt").read_text("utf-8").split())


@lru_cache(maxsize=1)
def _shipped() -> tuple[tuple[str, Spec], ...]:
    rank = {name: index for index, name in enumerate(_ordered())}
    paths = sorted(
        (SHIPPED / "activations").glob("*.yaml"), key=lambda p: (rank.get(p.stem, len(rank)), p.stem)
    )
    specs: list[Spec] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            specs.append(load(path))
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(problems)
    return tuple((spec.id, spec) for spec in specs)


def find(source: str | PathLike[str]) -> Spec:
    """The specification with this id or alias, the one in a YAML file, or the one that is this YAML text.

    A name that ends in .yaml or .yml, or holds a path separator, is a path, as is any other path-like object;
    what has more than one line is text. The record is frozen: parameters, definition, limits, kinks,
    variants, budgets and scales as trees and tables, and nothing is computed when it is read. Raises
    SpecError (a ValueError), with near names, or with all errors of the file or text, each with its place,
    its key and what to do.

    >>> import actcheck
    >>> spec = actcheck.specification("gelu")
    >>> spec.title, [p.name for p in spec.parameters], spec.accuracy["forward"].ulp
    ('GELU', ['approximate'], 18)
    """
    if not isinstance(source, str):
        return load(source)
    if len(source.splitlines()) > 1:
        return _loaded(read_bytes(_TEXT, source.encode()))
    if Path(source).suffix in (".yaml", ".yml") or "/" in source or "\\" in source:
        return load(source)
    known = {name: spec for spec in load_all().values() for name in (spec.id, *spec.aliases)}
    if source in known:
        return known[source]
    advice = "'actcheck list' shows them all; a file is named by its path, which ends in .yaml"
    message = f"no such activation{near(source.lower(), known)}; {advice}"
    raise SpecError([Problem(source, 0, "", message)])


def digest_of(specs: Iterable[Spec]) -> str:
    """SHA-256 over the digests of specifications, whatever their order."""
    lines = sorted(f"{spec.id} {spec.digest}\n" for spec in specs)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
