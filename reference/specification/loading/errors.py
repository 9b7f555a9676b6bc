"""What is wrong with a specification: every error of a file, each with its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST_KEY = 120
#: The way to a value in a file: keys of mappings and positions in lists.
Place = tuple[str | int, ...]


def key_text(place: Place) -> str:
    """A place as people write it: ``variants[2].parameters.alpha``."""
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(parts).removeprefix(".")


@dataclass(frozen=True, order=True)
class Problem:
    """One error, with its place in a file."""

    file: str
    #: Counted from 1; 0 where the file as a whole is meant.
    line: int
    #: The key as `key_text` writes it; empty for the whole file.
    key: str
    #: What is wrong and what to do.
    message: str

    @property
    def top(self) -> str:
        """The top-level key of the file that it concerns."""
        return re.split(r"[.\[]", self.key, maxsplit=1)[0]

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return _visible(": ".join(part for part in (place, _shown(self.key), self.message) if part))


def _visible(told: str) -> str:
    """Text of one line, in which nothing moves what surrounds it: other characters by their escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in told)


def _shown(key: str) -> str:
    return key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}..."


class SpecError(ValueError):
    """A specification that cannot be used; ``str`` lists all its errors, one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        #: In the order of the file.
        self.problems = tuple(sorted(set(problems)))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def near(name: str, known: Iterable[str]) -> str:
    """``; near: gelu, glu`` where some known name resembles this one, else nothing."""
    found = difflib.get_close_matches(name, list(known), n=3)
    return f"; near: {', '.join(found)}" if found else ""
