"""What a sweep asks a backend beside its tasks. Runs in a worker, as these do: the command asks none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actcheck.conformance.backends.asker import UnansweredError, ended
from actcheck.conformance.checks.accuracy import Accuracy
from actcheck.conformance.model import Answer, Context, Failure, Finding, Profile
from actcheck.conformance.run.asking import ask
from actcheck.conformance.sweep.every_input import ask_once
from actcheck.conformance.sweep.findings import finding
from actcheck.conformance.sweep.job import Job
from actcheck.conformance.sweep.partial_result import unpacked
from actcheck.conformance.sweep.work import backend
from actcheck.reference.judging.number_models import NumberModel, judged_in
from actcheck.reference.specification.dialects import named


def begin(job: Job) -> Answer | None:
    """The answer of a backend that has none for a single input."""
    with judged_in(NumberModel.named(job.number_model)):
        try:
            ask_once(job.question(), backend(job.backend))
        except UnansweredError as error:
            return ended(error)
    return None


def answer(job: Job, profile: Profile, seed: int) -> Answer | Failure:
    """The answer to a question of a format that is judged whole in one go, or sampled."""
    model = NumberModel.named(job.number_model)
    context = Context(backend(job.backend), "exhaustive", profile, seed, model, named(job.dialect))
    with judged_in(model):
        return ask(job.question(), context, (Accuracy(),))


def conclude(job: Job, profile: Profile, part: Mapping[str, Any], seconds: float) -> Finding:
    """What all tasks of a sweep found, with the results at the inputs that tell most."""
    with judged_in(NumberModel.named(job.number_model)):
        return finding(job.question(), profile, unpacked(part), backend(job.backend), seconds)
