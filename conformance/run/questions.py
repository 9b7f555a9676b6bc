"""Which questions a run puts: the checks' own lists, narrowed by activation, format and name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from actcheck.conformance.checks import CHECKS
from actcheck.conformance.json_values import Count
from actcheck.conformance.model import Check, Level, Question
from actcheck.conformance.names import ANY
from actcheck.reference.specification.dialects import Dialect, in_dialect
from actcheck.reference.specification.model import Spec


@dataclass(frozen=True)
class Selection:
    """What a run is about; an empty tuple of formats or checks narrows nothing."""

    specs: tuple[Spec, ...]
    level: Level = "quick"
    formats: tuple[str, ...] = ()
    #: Names of checks, or ids of questions; both may hold the wildcards ``*`` and ``?``.
    checks: tuple[str, ...] = ()
    #: No activation was left out by name.
    whole: bool = False

    def in_dialect(self, dialect: Dialect) -> Selection:
        """The same with the conventions of a dialect."""
        return replace(self, specs=tuple(in_dialect(spec, dialect) for spec in self.specs))

    def holds(self, question: Question) -> bool:
        """Whether the question belongs to the run."""
        if self.formats and question.format not in (*self.formats, ANY):
            return False
        names = (question.check, question.id)
        return not self.checks or any(fnmatchcase(n, p) for p in self.checks for n in names)


def select(selection: Selection, checks: Iterable[Check] = CHECKS) -> list[Question]:
    """The questions of a run, an activation after the other."""
    return [q for q in _all(selection, tuple(checks)) if selection.holds(q)]


def left_out(selection: Selection) -> dict[str, Count]:
    """How many questions of the full level a selection's own level does not ask, by check."""
    asked = {q.id for q in select(selection)}
    whole = select(replace(selection, level="full"))
    left = Counter(q.check for q in whole if q.id not in asked)
    return {check: Count(number) for check, number in left.items()}


def _all(selection: Selection, checks: tuple[Check, ...]) -> Iterator[Question]:
    for spec in selection.specs:
        for check in checks:
            yield from check.questions(spec, selection.level)
