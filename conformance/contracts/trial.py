"""One thing that was tried, and what is said of many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from actcheck.conformance.json_values import clean
from actcheck.conformance.numerals import count


@dataclass(frozen=True)
class Trial:
    """One thing that was tried."""

    what: str
    #: What is wrong, and what to do; empty where nothing is.
    wrong: str = ""


def print_trials(trials: Iterable[Trial]) -> int:
    """Print what is wrong as it is found, and how many there were. Returns 1 where anything is wrong."""
    tried = wrong = 0
    for trial in trials:
        tried += 1
        if trial.wrong:
            wrong += 1
            print(clean(f"wrong: {trial.what}: {trial.wrong}"), flush=True)
    print(f"{count(tried, 'trial')}, {wrong} wrong" if wrong else f"{count(tried, 'trial')}, all well")
    return int(wrong > 0)
