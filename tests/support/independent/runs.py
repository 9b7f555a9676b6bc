"""Which inputs, definitions and planted results are judged: a fixed list, and any number by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import Bound, bind
from actcheck.reference.specification.model import Spec
from tests.support.independent.asking import Run
from tests.support.independent.planting import PLANTS
from tests.support.independent.questions import ORDERS

SIZE = 1 << 17
_INFINITY = 0x7F800000
#: Magnitude patterns where something happens: zero, the last subnormals, small numbers, 2^-12, 1/2, 1, 3, 6,
#: 12, 104 (where exp(-x) vanishes), 1000, 2^40, and the largest numbers.
PLACES = {
    "zero": 0,
    "subnormal": (1 << 23) - SIZE // 2,
    "tiny": 0x20000000,
    "small": 0x39800000 - SIZE // 2,
    "half": 0x3F000000 - SIZE // 2,
    "one": 0x3F800000 - SIZE // 2,
    "three": 0x40400000 - SIZE // 2,
    "six": 0x40C00000 - SIZE // 2,
    "twelve": 0x41400000 - SIZE // 2,
    "vanishing": 0x42D00000 - SIZE // 2,
    "thousand": 0x447A0000,
    "large": 0x53800000 - SIZE // 2,
    "largest": _INFINITY - SIZE,
}


@dataclass(frozen=True)
class Asked:
    """A question, a run of inputs and the kinds of planted results, judged one after the other."""

    name: str
    variant: int
    quantity: str
    run: Run
    plants: tuple[str, ...]

    @property
    def bound(self) -> Bound:
        """The definition."""
        spec = loading.find(self.name)
        return bind(spec, spec.variants[self.variant])

    def __str__(self) -> str:
        return f"{self.name} {self.bound.variant.label} {self.quantity}, {self.run}"


@lru_cache(maxsize=1)
def elementwise() -> tuple[Spec, ...]:
    """The specifications of one real function of one real number."""
    return tuple(spec for spec in loading.load_all().values() if spec.elementwise)


#: Activation, variant, quantity and place (a minus for negative inputs), and the kinds of planted results.
_FIXED = """
celu 3 forward -one: one up, some zeros
celu 4 gradient -zero: all one, any pattern
elu 0 forward -half: one down, some infinities
elu 3 second_derivative -vanishing: a few off, some NaN
gelu 0 forward -half: correct, the other way
gelu 1 gradient thousand: all one, some large
hardshrink 0 forward half: a few off, some tiny
hardsigmoid 0 forward -three: all -0, some zeros
hardswish 0 forward -zero: all NaN, flushed
hardtanh 0 gradient one: any pattern, beside a power of two
leaky_relu 0 forward -subnormal: correct, some tiny
logsigmoid 0 forward vanishing: flushed, tiny and large
mish 0 second_derivative -thousand: all zero, all -0
relu 0 forward zero: some tiny, all NaN
relu6 0 gradient six: some NaN, a third more
rrelu 0 forward -largest: a third more, all infinite
selu 0 forward -tiny: the other way, a little more
sigmoid 0 forward -vanishing: one up, some infinities
silu 0 gradient -six: beside a power of two, a few off
softplus 2 forward vanishing: one up, all -0
softshrink 0 forward -one: the other way, a little more
softsign 0 gradient -large: all zero, any pattern
tanh 0 forward three: beside a power of two, one down
tanhshrink 0 second_derivative subnormal: correct, all infinite
threshold 1 forward half: any pattern, some large
quick_gelu 0 forward -vanishing: flushed, the other way
hard_mish 0 gradient -one: one up, a few off
softcap 2 second_derivative three: a few off, any pattern
relu_squared 0 forward largest: all zero, some large
squareplus 2 forward -six: one down, some tiny
"""

#: Results so close to a unit or half a unit off that only the side of a rest decides, in whole runs.
_CLOSE = """
celu 4 gradient -zero: one down, one up
gelu 0 gradient thousand: one up, one down
logsigmoid 0 forward -large: the other way, one up
mish 0 forward large: one down, the other way
sigmoid 0 second_derivative zero: one up, one down
silu 0 forward large: the other way, one up
softplus 2 forward -largest: some tiny, tiny and large
tanh 0 second_derivative subnormal: one up, one down
tanh 0 forward thousand: one down, beside a power of two
gelu 0 forward -zero: the other way, one up
hardswish 0 forward -zero: one up, a few off
hardsigmoid 0 forward -three: the other way, one down
tanhshrink 0 forward -large: the other way, a few off
"""


def fixed() -> Iterator[Asked]:
    """Every activation, quantity and kind of planted results, each at one place at least."""
    return _listed(_FIXED, SIZE)


def close() -> Iterator[Asked]:
    """Runs in which every result is close to a decision."""
    return _listed(_CLOSE, SIZE)


def _listed(lines: str, size: int) -> Iterator[Asked]:
    for line in lines.strip().split("\n"):
        question, _, plants = line.partition(": ")
        name, variant, quantity, place = question.split()
        run = Run(
            PLACES[place.lstrip("-")] + (SIZE - size) // 2 * (place.lstrip("-") != "zero"),
            size,
            place[0] != "-",
        )
        yield Asked(name, int(variant), quantity, run, tuple(plants.split(", ")))


def by_chance(seed: int, size: int = SIZE, plants: int = 3) -> Iterator[Asked]:
    """Any number of runs, the same for the same seed."""
    chance = random.Random(seed)
    while True:
        spec = chance.choice(elementwise())
        start = chance.choice([*PLACES.values(), *(chance.randrange(_INFINITY) for _ in range(6))])
        start = max(0, min(start + chance.choice([0, SIZE // 2 - size // 2]), _INFINITY - size))
        yield Asked(
            spec.id,
            chance.randrange(len(spec.variants)),
            chance.choice(list(ORDERS)),
            Run(start, size, chance.random() < 0.5),
            tuple(chance.sample(list(PLANTS), plants)),
        )
