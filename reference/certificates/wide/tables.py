"""A certificate in double-double as the loops take it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates.wide.cover import WideCertificate
from actcheck.reference.certificates.wide.segment import Line, Taylor, WideSegment

#: Columns of the numbers of a segment. Radii are enlarged by more than the loops lose computing with them.
CENTRE, UNIT, SHIFT, SCALE, CONSTANT, SLOPE, RELATIVE, RADIUS, EXPONENT = range(9)
#: Columns of its counts: where its coefficients begin, how many, how many low parts; power or sign; kind.
START, TERMS, PAIRS, POWER, KIND = range(5)
UNKNOWN, LINE, TAYLOR = range(3)
_SLACK = 1 + 2.0**-40


@dataclass(frozen=True)
class WideTables:
    """Segments as arrays."""

    #: The first input of each segment but the first.
    borders: NDArray[np.float64]
    numbers: NDArray[np.float64]
    counts: NDArray[np.int64]
    #: All coefficients and their low parts, those of a segment together.
    main: NDArray[np.float64]
    rest: NDArray[np.float64]

    @classmethod
    def of(cls, certificate: WideCertificate) -> WideTables:
        """The tables of a certificate."""
        main: list[float] = []
        rest: list[float] = []
        numbers, counts = [], []
        for segment in certificate.segments:
            row, count = _row(segment, len(main))
            numbers.append(row)
            counts.append(count)
            if isinstance(segment.shape, Taylor):
                main += segment.shape.main
                rest += (*segment.shape.rest, *[0.0] * (len(segment.shape.main) - len(segment.shape.rest)))
        return cls(
            certificate.lows[1:],
            np.array(numbers, np.float64),
            np.array(counts, np.int64),
            np.array(main or [0.0]),
            np.array(rest or [0.0]),
        )


def _row(segment: WideSegment, start: int) -> tuple[list[float], list[int]]:
    power = math.ldexp
    match segment.shape:
        case Taylor() as t:
            numbers = [t.centre, power(1.0, -t.width), power(1.0, t.shift), power(1.0, t.scale), 0.0, 0.0]
            relative, radius = (t.radius, 0.0) if t.power else (0.0, t.radius)
            numbers += [relative * _SLACK, radius * _SLACK, float(t.scale)]
            return numbers, [start, len(t.main), len(t.rest), t.power, TAYLOR]
        case Line() as v:
            numbers = [0.0, 1.0, power(1.0, v.shift), power(1.0, v.scale), v.constant, v.slope]
            # No radius is lost to underflow: where there is a rest it is never taken for none.
            least = 2.0**-1000 if v.sign or v.relative or v.radius else 0.0
            numbers += [v.relative * _SLACK, v.radius * _SLACK + least, float(v.scale)]
            return numbers, [start, 0, 0, v.sign, LINE]
    return [0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, math.inf, 0.0], [start, 0, 0, 0, UNKNOWN]
