"""The columns of the page: each results document with a name of its own, and its formats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actcheck.conformance.model import OUTCOMES
from actcheck.conformance.results.model import CheckRecord, Results
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.number_models import IEEE
from actcheck.reference.specification.dialects import OWN

#: An entry of the results by activation and format.
Place = tuple[str, str]


@dataclass(frozen=True)
class Side:
    """One results document as the page shows it."""

    results: Results
    #: The backend's name, with what tells it apart where two documents share a backend.
    label: str
    #: The same as part of a link.
    slug: str
    formats: tuple[str, ...]
    entries: dict[Place, tuple[CheckRecord, ...]]

    def at(self, activation: str, format_name: str) -> tuple[CheckRecord, ...]:
        """The checks of one cell."""
        return self.entries.get((activation, format_name), ())


def sides(documents: Sequence[Results]) -> tuple[Side, ...]:
    """The documents in order, each with a name that no other has."""
    labels = _labels(documents)
    slugs = unique(slug(results.backend.name) for results in documents)
    return tuple(
        Side(results, label, name, _formats(results), _places(results))
        for results, label, name in zip(documents, labels, slugs, strict=True)
    )


def slug(name: str) -> str:
    """A name as part of a link: letters, digits, hyphens and underscores."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-") or "unnamed"


def unique(names: Iterable[str]) -> list[str]:
    """The names in order, the second of its kind with -2 after it, and so on."""
    found: list[str] = []
    for name in names:
        same = (name, *(f"{name}-{n}" for n in range(2, len(found) + 3)))
        found.append(next(candidate for candidate in same if candidate not in found))
    return found


def _labels(documents: Sequence[Results]) -> list[str]:
    names = Counter(results.backend.name for results in documents)
    labels = []
    for results in documents:
        name = results.backend.name or "unnamed"
        same = [r for r in documents if r.backend.name == results.backend.name]
        told = [value for field in _apart(same) if (value := field(results))]
        told = told if names[results.backend.name] > 1 else []
        told += [results.number_model] * (results.number_model != IEEE)
        told += [f"dialect {results.dialect}"] * (results.dialect != OWN)
        labels.append(f"{name} ({', '.join(told)})" if told else name)
    return unique(labels)


def _apart(same: Sequence[Results]) -> list[_Field]:
    """What tells documents of one backend apart: version, profile, level, and at last the file."""
    return [field for field in _FIELDS if len({field(r) for r in same}) > 1][:1]


class _Field:
    def __init__(self, name: str, of_backend: bool) -> None:
        self.name, self.of_backend = name, of_backend

    def __call__(self, results: Results) -> str:
        return str(getattr(results.backend if self.of_backend else results, self.name))


_FIELDS = [_Field("version", True), _Field("profile", False), _Field("level", False), _Field("source", False)]


def _formats(results: Results) -> tuple[str, ...]:
    present = {entry.format for entry in results.checks}
    return (*(f for f in FORMATS if f in present), *sorted(present - FORMATS.keys()))


def _places(results: Results) -> dict[Place, tuple[CheckRecord, ...]]:
    found: dict[Place, list[CheckRecord]] = {}
    for entry in results.checks:
        found.setdefault((entry.activation, entry.format), []).append(entry)
    return {place: tuple(entries) for place, entries in found.items()}


#: The worst comes first: what a cell shows where several checks share it.
SEVERITY = ("fail", "error", "known_deviation", "stale_deviation", "pass", "unsupported")
assert set(SEVERITY) == set(OUTCOMES)
