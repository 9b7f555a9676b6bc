"""Which specifications have passed their trial, kept on disk: it takes longer than to read them."""

from __future__ import annotations

import contextlib
from functools import cache

from actcheck.reference.machine.code_digest import digest, sources
from actcheck.reference.machine.kept import folder, keep, kept, key_of
from actcheck.reference.specification.loading import trial
from actcheck.reference.specification.loading.documents import Document
from actcheck.reference.specification.loading.errors import Problem
from actcheck.reference.specification.model import Spec


def problems_of(document: Document, spec: Spec) -> list[Problem]:
    """What a trial finds. One that found nothing is not made again for the same text and the same code."""
    key = key_of({"text": spec.digest, "code": _code()})
    path = folder("specifications") / f"{key}.msgpack"
    with contextlib.suppress(OSError, ValueError):  # it was not tried, or not kept well
        if kept(path, key, bool):
            return []
    problems = list(trial.trial_problems(document, spec))
    if not problems:
        with contextlib.suppress(OSError):  # a place where nothing can be kept is told by what needs one
            keep(path, key, True)
    return problems


@cache
def _code() -> str:
    return digest(sources(trial.__name__), ("mpmath", "python-flint"))
