"""In which mode the processor computes: rounding, and what becomes of subnormal numbers.

The mode is told by what a few products come to, so that no register has to be known. They are computed by
numpy's compiled loops on arrays, which no compiler can work out beforehand.
"""

from __future__ import annotations

import numpy as np

#: The bits of all products, first those of float32, then of float64.
Modes = bytes

# Everything is written as bits: a library that was loaded earlier may have bent the conversion of numbers.
#: smallest subnormal * 1/(smallest normal); smallest normal * 1/2; then (1 + eps) * (1 + eps), which lies
#: just above a float, and (1 + eps) * 1.75, just below one, each with both signs.
_A = (0x00000001, 0x00800000, 0x3F800001, 0xBF800001, 0x3F800001, 0xBF800001)
_B = (0x7E800000, 0x3F000000, 0x3F800001, 0x3F800001, 0x3FE00000, 0x3FE00000)
_A_WIDE = (1, 1 << 52, 0x3FF0000000000001, 0xBFF0000000000001, 0x3FF0000000000001, 0xBFF0000000000001)
_B_WIDE = (0x7FD0 << 48, 0x3FE0 << 48, 0x3FF0000000000001, 0x3FF0000000000001, 0x3FFC << 48, 0x3FFC << 48)
#: The same products as IEEE 754's default mode gives them.
_EXPECTED = (0x34000000, 0x00400000, 0x3F800002, 0xBF800002, 0x3FE00002, 0xBFE00002)
_EXPECTED_WIDE = (
    0x3CB0 << 48,
    0x0008 << 48,
    0x3FF0000000000002,
    0xBFF0000000000002,
    0x3FFC000000000002,
    0xBFFC000000000002,
)

_NARROW = [np.array(bits, np.uint32).view(np.float32) for bits in (_A, _B, _EXPECTED)]
_WIDE = [np.array(bits, np.uint64).view(np.float64) for bits in (_A_WIDE, _B_WIDE, _EXPECTED_WIDE)]
#: Round to nearest, subnormal numbers kept: the only mode in which a judge may compute.
SOUND: Modes = _NARROW[2].tobytes() + _WIDE[2].tobytes()
_INPUT, _RESULT, _ABOVE, _MINUS_ABOVE, _BELOW, _MINUS_BELOW = range(6)


def modes() -> Modes:
    """The mode of this thread, by what it makes of the products. About a microsecond."""
    return bytes(np.multiply(*_NARROW[:2]).tobytes() + np.multiply(*_WIDE[:2]).tobytes())


def mode_text(seen: Modes) -> str:
    """What is not as in IEEE 754's default mode, such as ``rounds up``; empty where nothing is."""
    told: list[str] = []
    half = _NARROW[2].nbytes
    for part, sound, carrier in (
        (seen[:half], SOUND[:half], np.uint32),
        (seen[half:], SOUND[half:], np.uint64),
    ):
        differs = (np.frombuffer(part, carrier) != np.frombuffer(sound, carrier)).tolist()
        told += [word for word in _change_text(differs) if word not in told]
    return " and ".join(told)


def _change_text(differs: list[bool]) -> list[str]:
    found = []
    if differs[_INPUT]:
        found.append("takes subnormal inputs for zero")
    if differs[_RESULT]:
        found.append("flushes subnormal results to zero")
    if differs[_ABOVE] or differs[_MINUS_ABOVE]:
        both = differs[_ABOVE] and differs[_MINUS_ABOVE]
        found.append("rounds away from zero" if both else "rounds up" if differs[_ABOVE] else "rounds down")
    elif differs[_BELOW] or differs[_MINUS_BELOW]:
        found.append("rounds towards zero")
    return found
