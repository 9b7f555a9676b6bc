"""A question about a format too large to be walked through, answered from a sample in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker
from actcheck.conformance.model import Context, Finding, Profile, Question
from actcheck.conformance.sampling import places
from actcheck.conformance.sampling.drawing import inputs, parts
from actcheck.conformance.sampling.samples import Sample
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.worst_case_search import climbed, errors
from actcheck.reference.specification.binding import bind
from actcheck.reference.specification.telling import telling_inputs

Array = NDArray[Any]
#: The backend's results of a question at inputs.
Results = Callable[[Array], Array]
#: Inputs from which the search for the largest error starts, and its rounds.
STARTS, ROUNDS = 1 << 16, 40


@dataclass(frozen=True)
class SampledQuestion:
    """A question to be answered from a sample, and the backend's results for it."""

    question: Question
    results: Results
    #: Inputs that no sample leaves out, nor their neighbours.
    telling: Sequence[float]
    seed: int = 0

    @classmethod
    def of(cls, question: Question, context: Context) -> SampledQuestion:
        """The question as a sample answers it."""
        at = telling_inputs(question.spec, question.variant, FORMATS[question.format])
        return cls(question, Asker.of(question, context).points, at, context.seed)

    @property
    def form(self) -> Format:
        """The format of inputs and results."""
        return FORMATS[self.question.format]

    def part(self, count: int, number: int) -> Sample:
        """One part of a sample of so many inputs, judged. Raises UnansweredError."""
        return self.judged(inputs(self.form, self.telling, self.seed, count, number))

    def worst(self) -> Sample:
        """Where searches for the largest errors end; those inputs are judged like any others."""
        starts = inputs(self.form, self.telling, self.seed, STARTS, 0)
        bound, quantity = bind(self.question.spec, self.question.variant), self.question.quantity
        finite = starts[np.isfinite(starts)]
        heights = [partial(errors, bound, quantity)]
        if self.question.spec.has_scale(quantity):
            heights.append(partial(errors, bound, quantity, scaled=True))
        found = [climbed(self.results, height, finite, ROUNDS, self.seed) for height in heights]
        return self.judged(places.ordered(self.form, *found))

    def judged(self, x: Array) -> Sample:
        """The backend's results at these inputs, judged."""
        return Sample.of(self.question, x, self.results(x))


def answer(asking: SampledQuestion, profile: Profile, count: int, *, climb: bool) -> Finding:
    """Judge about ``count`` inputs, and (``climb``) those to which a search for the largest error leads.

    Raises UnansweredError.
    """
    found = [asking.part(count, number) for number in range(parts(count))]
    found += [asking.worst()] if climb else []
    return Sample.joined(asking.question, found).finding(asking.question, profile)
