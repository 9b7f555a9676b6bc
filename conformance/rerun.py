"""The command that puts one question again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from actcheck.conformance.model import Question


@dataclass(frozen=True)
class Rerun:
    """The options of a run that a question's own command repeats."""

    #: As given on the command line: a name, ``path.py:Class``, ...
    backend: str
    level: str = "quick"
    profile: str = "standard"
    seed: int = 0
    #: Activation id to the path of the user's file that defines it.
    paths: Mapping[str, str] = field(default_factory=dict)

    def command(self, question: Question) -> str:
        """The command, quoted for a shell."""
        activation = self.paths.get(question.activation, question.activation)
        words = ["actcheck", "run", "--backend", self.backend, "--activation", activation]
        words += ["--check", question.id]
        for option, value, usual in (
            ("--level", self.level, "quick"),
            ("--profile", self.profile, "standard"),
            ("--seed", str(self.seed), "0"),
        ):
            words += [option, value] if value != usual else []
        return shlex.join(words)
