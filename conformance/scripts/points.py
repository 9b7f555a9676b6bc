"""Scripts of faults that one input shows: its result, or the bits that it gives in one array and another."""

from __future__ import annotations

import math

from actcheck.conformance.names import ANY
from actcheck.conformance.scripts.made import Told

#: An input stands so often in its array: in every place of a vector, and in what is left over.
_COPIES = 67
_QUANTITIES = ("forward", "gradient", "second_derivative", ANY)
_POINT = """\
X, UPSTREAM = float.fromhex({x!r}), float.fromhex({upstream!r})
EXPECTED = float.fromhex({expected!r})
#: Half of what it was off by.
TOLERANCE = {tolerance!r}


def is_wrong(got):
    if math.isnan(got) or math.isnan(EXPECTED):
        return math.isnan(got) != math.isnan(EXPECTED)
    if got == EXPECTED == 0:
        return {signs!r} and math.copysign(1, got) != math.copysign(1, EXPECTED)
    return got != EXPECTED and abs(got - EXPECTED) > TOLERANCE


got = numbers(compute(array([X] * {copies}), array([UPSTREAM] * {copies})))
wrong = [y for y in got if is_wrong(y)]
shown = wrong[0] if wrong else got[0]
print(VERSION)
print(f"x        {{X!r}} ({{X.hex()}})" + (f", times {{UPSTREAM!r}}" if UPSTREAM != 1 else ""))
print(f"got      {{shown!r}} ({{shown.hex()}})")
print(f"expected {{EXPECTED!r}} ({{EXPECTED.hex()}})")
print(f"wrong in {{len(wrong)}} of {{len(got)}} places" if wrong else "right")
sys.exit(1 if wrong else 0)
"""
_BITS = """\
X, UPSTREAM = float.fromhex({x!r}), 1.0

x, upstream = array([X] * 204), array([UPSTREAM] * 204)
forms = {{f"an array of length {{n}}": (x[:n], upstream[:n]) for n in (*range(1, 68), 204)}}
forms["every second element"] = x[::2], upstream[::2]
forms["a transposed array"] = x.reshape(12, 17).T, upstream.reshape(12, 17).T
forms["columns of an array"] = x.reshape(12, 17)[:, 1:9], upstream.reshape(12, 17)[:, 1:9]
seen = {{}}
for name, (a, b) in forms.items():
    for y in numbers(compute(a, b)):
        seen.setdefault(y.hex(), (y, name))
print(VERSION)
print(f"x {{X!r}} ({{X.hex()}})")
for text, (y, name) in seen.items():
    print(f"got {{y!r}} ({{text}}), first in {{name}}")
print("other bits for the same input" if len(seen) > 1 else "always the same bits")
sys.exit(1 if len(seen) > 1 else 0)
"""
#: Ways to ask that the text of a call does not tell.
_OTHER_WAYS = ("tangent", "second_upstream", "by_upstream", "slice", "weight")


def point(told: Told) -> str | None:
    """One input, its result and the right one; products of a gate's halves are not told by one input."""
    parameters, example = told.parameters, told.seen.fault.example
    plain = told.spec.kind in ("elementwise", "channelwise", "random")
    plain &= told.seen.check.quantity in _QUANTITIES and told.what[0] not in _OTHER_WAYS
    if parameters is None or example is None or not plain:
        return None
    off = abs(example.got - example.expected)
    tolerance = off / 2 if math.isfinite(off) else abs(example.expected)
    text = _POINT.format(
        x=float(example.x).hex(),
        upstream=float(example.upstream).hex(),
        expected=float(example.expected).hex(),
        tolerance=tolerance if math.isfinite(tolerance) else 0.0,
        signs="wrong_zero_sign" in told.seen.fault.what,
        copies=_COPIES,
    )
    calls = told.calls(parameters)
    return calls and f"{calls}\n\n{text}"


def bits(told: Told) -> str | None:
    """One input in many places and layouts."""
    parameters, example = told.parameters, told.seen.fault.example
    if parameters is None or example is None or told.spec.kind not in ("elementwise", "channelwise"):
        return None
    calls = told.calls(parameters)
    return calls and f"{calls}\n\n{_BITS.format(x=float(example.x).hex())}"
