"""The command that puts one question again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from actcheck.conformance.model import Question, Settings


@dataclass(frozen=True)
class Rerun:
    """The options of a run that a question's own command repeats."""

    settings: Settings
    #: Activation id to the path of the user's file that defines it.
    paths: Mapping[str, str] = field(default_factory=dict)

    def command(self, question: Question) -> str:
        """The command that puts one question, quoted for a shell."""
        return self._command([question.activation], "--check", question.id)

    def of_activations(self, activations: Iterable[str]) -> str:
        """The command that puts all questions about these activations; all of them, for ``*``."""
        return self._command([a for a in activations if a != "*"])

    def _command(self, activations: Iterable[str], *more: str) -> str:
        words = ["actcheck", "run", "--backend", self.settings.backend]
        for activation in activations:
            words += ["--activation", self.paths.get(activation, activation)]
        words += more
        for option, value, usual in (
            ("--level", self.settings.level, "quick"),
            ("--profile", self.settings.profile, "standard"),
            ("--seed", str(self.settings.seed), "0"),
            ("--number-model", self.settings.number_model, ""),
            ("--dialect", self.settings.dialect, ""),
        ):
            words += [option, value] if value != usual else []
        if self.settings.require:
            words += ["--require", ",".join(self.settings.require)]
        return shlex.join(words)


@dataclass(frozen=True)
class SweepAgain(Rerun):
    """The same for a sweep."""

    activation: str = ""
    #: Inputs of a sampled sweep.
    points: int | None = None

    def command(self, question: Question) -> str:
        """The command that makes the sweep again."""
        words = ["actcheck", "sweep", self.activation, "--backend", self.settings.backend]
        for option, value, usual in (
            ("--dtype", question.format, "float32"),
            ("--quantity", question.quantity, "forward"),
            ("--profile", self.settings.profile, "standard"),
            ("--points", str(self.points or ""), ""),
            ("--seed", str(self.settings.seed), "0"),
            ("--number-model", self.settings.number_model, ""),
            ("--dialect", self.settings.dialect, ""),
        ):
            words += [option, value] if value != usual else []
        for name, given in question.variant.given.items():
            words += ["--param", f"{name}={given}"]
        return shlex.join(words)
