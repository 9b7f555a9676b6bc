"""Specifications from their YAML files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from os import PathLike
from pathlib import Path

from actcheck.reference.specification.loading.documents import read
from actcheck.reference.specification.loading.errors import Problem, SpecError, near
from actcheck.reference.specification.loading.expressions import expressions
from actcheck.reference.specification.loading.records import build
from actcheck.reference.specification.loading.rules import rule_problems
from actcheck.reference.specification.loading.schema import schema_problems
from actcheck.reference.specification.loading.trial import trial_problems
from actcheck.reference.specification.loading.values import value_problems
from actcheck.reference.specification.model import Spec

__all__ = ["Problem", "SpecError", "digest_of", "find", "load", "load_all"]

_FOLDER = Path(str(resources.files("actcheck"))) / "spec"


def load(path: str | PathLike[str]) -> Spec:
    """The specification in a YAML file.

    Raises SpecError, which lists all errors of the file as ``file:line: key: message``.
    """
    document = read(Path(path))
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
    _raise(trial_problems(document, spec))
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


@lru_cache(maxsize=1)
def _shipped() -> tuple[tuple[str, Spec], ...]:
    order = (_FOLDER / "order.txt").read_text("utf-8").split()
    rank = {name: index for index, name in enumerate(order)}
    paths = sorted(
        (_FOLDER / "activations").glob("*.yaml"), key=lambda p: (rank.get(p.stem, len(rank)), p.stem)
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


def find(name_or_path: str) -> Spec:
    """The specification with this id or alias, or the one in a user's YAML file.

    A name that ends in .yaml or .yml, or holds a path separator, is a path.
    Raises SpecError with near names, or with the errors of the file.
    """
    if Path(name_or_path).suffix in (".yaml", ".yml") or "/" in name_or_path or "\\" in name_or_path:
        return load(name_or_path)
    known = {name: spec for spec in load_all().values() for name in (spec.id, *spec.aliases)}
    if name_or_path in known:
        return known[name_or_path]
    advice = "'actcheck list' shows them all; a file is named by its path, which ends in .yaml"
    message = f"no such activation{near(name_or_path.lower(), known)}; {advice}"
    raise SpecError([Problem(name_or_path, 0, "", message)])


def digest_of(specs: Iterable[Spec]) -> str:
    """SHA-256 over the digests of specifications, whatever their order."""
    lines = sorted(f"{spec.id} {spec.digest}\n" for spec in specs)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
