"""What the lists of known deviations say of an activation, in few rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from actcheck.conformance.deviations.files import SHIPPED, read
from actcheck.conformance.deviations.known import ALL, Deviation
from actcheck.reference.specification.model import Spec

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Row:
    """One thing that is seen, with its cause, and where: a line for each quantity."""

    where: tuple[str, ...]
    seen: str
    why: str
    issue: str


def deviation_lists(spec: Spec) -> list[tuple[str, list[Row]]]:
    """For each list that names the activation, whose it is and its rows."""
    found = ((name, [e for e in entries if _names(e, spec)]) for name, entries in _lists())
    return [(name, list(_rows(entries))) for name, entries in found if entries]


@cache
def _lists() -> tuple[tuple[str, tuple[Deviation, ...]], ...]:
    names = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
    families = {n for n in names if any(other.startswith(f"{n}-") for other in names)}
    called = {n: f"{n}, on every device" if n in families else n for n in names}
    return tuple((called[name], read(SHIPPED / f"{name}.yaml")) for name in names)


def _names(entry: Deviation, spec: Spec) -> bool:
    return spec.id in entry.activation or entry.activation == ALL


def _rows(entries: Iterable[Deviation]) -> Iterator[Row]:
    for key, same in groupby(sorted(entries, key=_key), _key):
        yield Row(tuple(_places(list(same))), *key)


def _key(entry: Deviation) -> Key:
    return entry.seen, entry.why, entry.issue or ""


def _places(entries: list[Deviation]) -> Iterator[str]:
    """``gradient in float16, bfloat16 (approximate=tanh)``: formats together where all else is the same."""
    formats: dict[tuple[str, str], dict[str, None]] = {}
    for entry in entries:
        place = _joined(entry.quantity, "every quantity"), _joined(entry.variant, "")
        formats.setdefault(place, {}).update(dict.fromkeys(entry.formats))
    for (quantity, variant), names in formats.items():
        told = f"{quantity} in {_joined(tuple(names), 'every format')}"
        yield f"{told} ({variant})" if variant else told


def _joined(names: tuple[str, ...], every: str) -> str:
    return every if "*" in names else ", ".join(names).replace("_", " ")
