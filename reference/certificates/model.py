"""What a certificate consists of: runs of floats, polynomials and their proofs."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from actcheck.reference.machine.outward import add_up, div_up

DEGREE = 9
#: The radius that a segment should have, relative to max(abs(f), 2^-126): 2^-22 of a unit of float32.
DEMANDED = 2.0**-46
#: The radius that no segment exceeds. Loops over inputs rely on it.
LARGEST = 2.0**-45
#: Far below float32's smallest subnormal (2^-149), and far beyond its overflow threshold. The zero polynomial
#: is within DEMANDED of a function below VANISHING: 2^-172/2^-126.
VANISHING, SATURATED = 2.0**-172, 2.0**129
_SMALLEST_NORMAL = 2.0**-126


class CertificateError(ValueError):
    """A certificate that cannot be built, or one that claims what is not proven."""


@dataclass(frozen=True)
class KeyRun:
    """Consecutive floats on one side of zero, by their values, both ends included; low <= high."""

    low: float
    high: float

    @property
    def reach(self) -> float:
        """The largest magnitude."""
        return max(abs(self.low), abs(self.high))

    @property
    def nearest(self) -> float:
        """The smallest magnitude."""
        return min(abs(self.low), abs(self.high))


@dataclass(frozen=True)
class Polynomial:
    """p(x) = sum of coefficients[k] * (x - centre)^k; DEGREE + 1 coefficients, the lowest first."""

    centre: float
    coefficients: tuple[float, ...]


@dataclass(frozen=True)
class Proof:
    """abs(p(x) - f(x)) <= relative * abs(f(x)) + absolute for every float of the run, p as computed.

    Both are zero where p is computed without any rounding. Of x = 0 a relative radius says nothing: there,
    as on kinks, the exact value is taken.
    """

    relative: float
    absolute: float
    #: A lower bound of abs(f) on the run; about 0 and for a vanishing f it is 0.
    smallest: float

    def within(self, other: Proof) -> bool:
        """Whether the other proof claims no more than this one shows."""
        return (
            self.relative <= other.relative
            and self.absolute <= other.absolute
            and self.smallest >= other.smallest
        )

    @property
    def size(self) -> float:
        """A bound of the radius relative to max(abs(f), smallest normal float32)."""
        return add_up(self.relative, div_up(self.absolute, max(self.smallest, _SMALLEST_NORMAL)))


@dataclass(frozen=True)
class Segment:
    """Consecutive float32 keys, both ends included, with a polynomial and its proof."""

    low: int
    high: int
    polynomial: Polynomial
    proof: Proof

    @property
    def run(self) -> KeyRun:
        """The values of the keys."""
        return run_of(self.low, self.high)

    def fault(self) -> str | None:
        """What no segment may be, whatever it stands for."""
        p, proof = self.polynomial, self.proof
        numbers = (p.centre, *p.coefficients, proof.relative, proof.absolute, proof.smallest)
        if not all(isinstance(v, float) for v in numbers) or len(p.coefficients) != DEGREE + 1:
            return f"the segment at key {self.low} does not have {DEGREE + 1} coefficients and a proof"
        if not 0 <= proof.size <= LARGEST:
            return f"the segment at key {self.low} has a radius of {proof.size}, more than {LARGEST}"
        return None


def constant(value: float) -> Polynomial:
    """The polynomial that has one value everywhere."""
    return Polynomial(0.0, (value, *(0.0,) * DEGREE))


def value_of(key: int) -> float:
    """The float32 with a key."""
    pattern = key if key >= 0 else (-key - 1) | 0x80000000
    return float(struct.unpack("<f", struct.pack("<I", pattern))[0])


def key_of(value: float) -> int:
    """The key of the float32 nearest to a value."""
    pattern = int(struct.unpack("<i", struct.pack("<f", value))[0])
    return pattern if pattern >= 0 else -(pattern & 0x7FFFFFFF) - 1


def run_of(low: int, high: int) -> KeyRun:
    """The values of a range of keys."""
    return KeyRun(value_of(low), value_of(high))
