"""Which of many cases of one kind run with every test, and which in `make thorough` alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def one_in(step: int, cases: Iterable[Any]) -> list[Any]:
    """The cases as parameters of a test: the first of every ``step`` runs always, the others if asked for."""
    others = pytest.mark.thorough
    return [c if k % step == 0 else pytest.param(c, marks=others) for k, c in enumerate(cases)]
