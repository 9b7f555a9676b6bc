"""The first judge, by each of the paths on which it judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates import store
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.verdict import Verdict
from actcheck.reference.specification.binding import Bound
from actcheck.reference.sweeping.accumulator import Gathering
from actcheck.reference.sweeping.host import Sweep, block
from tests.support.device_judge import OnTensors
from tests.support.independent.comparing import disagreements, segment_disagreements
from tests.support.independent.judging import Judgement

_FLOAT32 = FORMATS["float32"]
#: Ways to judge consecutive inputs: on the host, on a device (arrays of the Array API on the CPU), as points.
PATHS = ("host", "device", "points")


@dataclass(frozen=True)
class Run:
    """Consecutive float32 inputs of one sign, ascending in magnitude."""

    start: int
    count: int
    positive: bool

    @property
    def x(self) -> NDArray[np.float32]:
        """The inputs."""
        return block(self.start, self.count, self.positive)

    def __str__(self) -> str:
        return f"{self.count} from {float(self.x[0]).hex()}"


def verdict_on(
    path: str, bound: Bound, quantity: str, run: Run, y: NDArray[Any]
) -> tuple[Verdict, Gathering | None]:
    """The verdict, and the sweep that gave it, if one did."""
    with np.errstate(all="ignore"):
        if path == "points":
            return Points.of(bound, quantity, _FLOAT32, run.x, y).verdict(), None
        if path == "host":
            sweep = Sweep(bound, quantity)
            sweep.judge(run.start, run.x, y)
            return sweep.verdict(), sweep
        device = OnTensors(bound, quantity)
        device.judge(run.start, run.positive, run.x, y)
        return device.verdict(), device


def differences(
    bound: Bound, quantity: str, run: Run, y: NDArray[Any], truth: Judgement, paths: Sequence[str] = PATHS
) -> Iterator[str]:
    """Where a path and the second judge disagree."""
    for path in paths:
        verdict, sweep = verdict_on(path, bound, quantity, run, y)
        for text in disagreements(verdict, truth, _FLOAT32):
            yield f"{path}: {text}"
        if sweep is None:
            continue
        certificate = store.certificate(bound, quantity)
        said = {k: float(sweep.segment_errors[k]) for k in np.flatnonzero(sweep.segment_errors).tolist()}
        ranges = [(s.low, s.high) for s in certificate.segments]
        for text in segment_disagreements(said, ranges, truth, [0, -1, *certificate.kinks]):
            yield f"{path}: {text}"


def every_pattern_differences(
    bound: Bound, quantity: str, form: Format, x: NDArray[Any], y: NDArray[Any], truth: Judgement
) -> Iterator[str]:
    """The same for inputs of a format of 16 bits, judged as points."""
    with np.errstate(all="ignore"):
        verdict = Points.of(bound, quantity, form, x, y).verdict()
    yield from disagreements(verdict, truth, form)
