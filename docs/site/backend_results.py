"""What the result files in results/ say of an activation, a row for each backend and format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from actcheck.conformance.report.matrix import OUTCOME_WORDS, Cell, Mark, cell
from actcheck.conformance.report.sides import Side, sides
from actcheck.conformance.results.reading import read_all
from actcheck.reference.specification.model import Spec

RESULTS = Path(__file__).resolve().parents[2] / "results"


@dataclass(frozen=True)
class Row:
    """One backend in one format, in words."""

    backend: str
    version: str
    format: str
    forward: str
    gradient: str
    others: str


@cache
def backends() -> tuple[Side, ...]:
    """Those that have a file, by its name."""
    return sides(read_all(sorted(RESULTS.glob("*.json"))))


def rows(spec: Spec) -> list[Row]:
    """Every backend and format in which the activation was asked."""
    return list(_rows(spec))


def _rows(spec: Spec) -> Iterator[Row]:
    for side in backends():
        for name in side.formats:
            found = cell(spec.id, side, name)
            if found is not None and found.counts.keys() != {"unsupported"}:
                backend = side.results.backend
                told = _words(found.forward), _words(found.gradient), _others(found)
                yield Row(side.label, backend.version, name, *told)


def _words(mark: Mark | None) -> str:
    return mark.words if mark else ""


def _others(found: Cell) -> str:
    return ", ".join(f"{count} {OUTCOME_WORDS[outcome]}" for outcome, count in found.others) or "pass"
