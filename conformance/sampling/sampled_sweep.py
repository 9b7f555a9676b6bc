"""Sampled sweeps: a sample of any size of a format that no sweep can walk through, part by part."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import FaultError, UnsupportedError
from actcheck.conformance.backends.guard.contained import left_changed
from actcheck.conformance.backends.guard.guarded import guard
from actcheck.conformance.backends.guard.process import Process
from actcheck.conformance.model import Answer, Context, Fault, NotApplicable, Profile, Question
from actcheck.conformance.sampling.sampled_question import SampledQuestion
from actcheck.conformance.sampling.samples import Sample
from actcheck.conformance.sweep.job import Job
from actcheck.conformance.sweep.ledger import Ledger
from actcheck.conformance.sweep.partial_result import PartialResult, packed, unpacked
from actcheck.conformance.sweep.scheduler import Driver
from actcheck.conformance.sweep.work import backend
from actcheck.reference.judging.number_models import NumberModel, judged_in

#: Called with the number of inputs judged since the last call.
Tell = Callable[[int], None]


def work(job: Job, seed: int, count: int, number: int) -> dict[str, Any]:
    """Judge one part of a sample; what was found as JSON values. Runs in any process."""
    began = time.perf_counter()
    adapter, question = guard(backend(job.backend)), job.question()
    watch, process = _Watch(), Process()
    asking = SampledQuestion.of(question, Context(adapter, seed=seed))
    asking = replace(asking, results=partial(watch.time, asking.results))
    adapter.taken()
    try:
        with np.errstate(all="ignore"), judged_in(NumberModel.named(job.number_model)):
            found = asking.part(count, number)
    except UnsupportedError as error:
        return {"lacking": str(error)}
    except FaultError as error:
        return {"faults": {error.fault.what: error.fault.message}}
    seconds = time.perf_counter() - began
    return {
        "part": packed(PartialResult(found.verdict, backend_seconds=watch.seconds, seconds=seconds)),
        "points": [_hex(found.x), _hex(found.y)],
        "faults": left_changed(process) | {f.what: f.message for f in reversed(adapter.taken())},
    }


class _Watch:
    """Seconds that a backend took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def time(self, results: Callable[[Any], Any], x: Any) -> Any:
        began = time.perf_counter()
        y = results(x)
        self.seconds += time.perf_counter() - began
        return y


def sweep(job: Job, driver: Driver, ledger: Ledger, seed: int, count: int, tell: Tell) -> list[str]:
    """Do what is left of a sample; returns what went wrong, a sentence each."""
    wrong = []
    for (_, _, _, number), result in driver.run([(job, seed, count, number) for number in ledger.left]):
        if isinstance(result, str):
            wrong.append(f"part {number} of the sample: {result}")
            continue
        ledger.add(number, result)
        tell(result["part"]["verdict"]["points"] if "part" in result else 0)
    return wrong


def answer(question: Question, profile: Profile, ledger: Ledger, seed: int, seconds: float) -> Answer:
    """What all parts of a sample found."""
    found = ledger.done
    reason = next((part["lacking"] for part in found if "lacking" in part), None)
    if reason is not None:
        return NotApplicable(str(reason))
    judged = [part for part in found if "part" in part]
    parts = [unpacked(part["part"]) for part in judged]
    samples = [
        Sample(whole.verdict, *(_numbers(values) for values in part["points"]))
        for whole, part in zip(parts, judged, strict=True)
    ]
    made = Sample.joined(question, samples or [Sample.nothing()]).finding(question, profile)
    changes = {what: told for part in reversed(found) for what, told in part["faults"].items()}
    points = made.verdict.points if made.verdict else 0
    extra = {
        "seconds": round(seconds, 3),
        "backend_seconds": round(sum(part.backend_seconds for part in parts), 3),
        "points_per_second": round(points / seconds) if seconds else 0,
    }
    notes = {"sampled": points, "seed": seed}
    faults = (*(Fault(what, told) for what, told in changes.items()), *made.faults)
    return replace(made, faults=faults, extra=extra, notes=notes)


def _hex(values: NDArray[Any]) -> list[str]:
    return [value.hex() for value in values.astype(np.float64).tolist()]


def _numbers(values: list[str]) -> NDArray[np.float64]:
    return np.array([float.fromhex(value) for value in values], np.float64)
