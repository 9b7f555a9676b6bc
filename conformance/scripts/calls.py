"""Scripts of calls that end in an error or should, side effects, complex inputs and printed modules."""

from __future__ import annotations

import re

from actcheck.adapters.base import Parameters
from actcheck.conformance.checks.parts.dtypes.off_axis import exact_value
from actcheck.conformance.model import Question
from actcheck.conformance.scripts.made import Told
from actcheck.conformance.scripts.points import point

_CALL = """\
print(VERSION)
try:
    got = numbers(compute({arrays}))
except Exception as error:
    print(f"{{type(error).__name__}}: {{error}}")
    sys.exit({when_raised})
print(f"got {{got}}, and no error")
sys.exit({when_answered})
"""
_PLAIN = "array([1.0] * 4), array([1.0] * 4)"
#: One row for all rows of x, one column for all columns of what it is multiplied by.
_EXPANDED = "expanded([1.0] * 4, 3), expanded([1.0] * 3, 4).T"
_BESIDE = """\
base = array([7.0] * 12)
print(VERSION)
try:
    write(array([1.0] * 8), base[2:7])
except Exception as error:
    print(f"refused, as it should be: {type(error).__name__}: {error}")
    sys.exit(0)
after = numbers(base)
print("8 results were written to an array of 5, elements 2 to 6 of 12 that were 7")
print(f"got {after}")
print("expected an error, or 7 in all elements beside")
sys.exit(1 if any(y != 7 for y in after[:2] + after[7:]) else 0)
"""
_COMPLEX = """\
X = complex(float.fromhex({real!r}), float.fromhex({imaginary!r}))
EXPECTED = complex(float.fromhex({expected_real!r}), float.fromhex({expected_imaginary!r}))
#: The larger part may be off by so much.
TOLERANCE = float.fromhex({tolerance!r})

got = numbers(compute(array([X] * 5), None))[0]
off = max(abs(got.real - EXPECTED.real), abs(got.imag - EXPECTED.imag))
print(VERSION)
print(f"x        {{X}}")
print(f"got      {{got}}")
print(f"expected {{EXPECTED}}")
sys.exit(0 if off <= TOLERANCE else 1)
"""
_PRINTED = """\
text = repr(MODULE)
print(VERSION)
print(f"printed  {{text}}")
print("expected " + {name!r} + "=" + {value!r})
sys.exit(0 if {name!r} in text else 1)
"""
#: Ways of calling by the first word of a fault's name.
_WAYS = {"tangent": "tangent", "refused": "in_place_gradient"}


def raised(told: Told) -> str | None:
    """A call that ends in an error, as it stands, in forward mode, or through the in-place form."""
    what, parameters = told.what, told.parameters
    way = "" if what == ["raised"] else _WAYS.get(what[0])
    if parameters is None or way is None:
        return None
    arrays = _EXPANDED if "expanded" in what[-1] else _PLAIN
    return _called(told, parameters, way, (arrays, 1, 0))


def accepted(told: Told) -> str | None:
    """A parameter that should be refused."""
    row = told.accepted
    return None if row is None else _called(told, row.parameters, "", (_PLAIN, 0, 1))


def _called(told: Told, parameters: Parameters, way: str, exits: tuple[str, int, int]) -> str | None:
    calls = told.calls(parameters, way)
    names = dict(zip(("arrays", "when_raised", "when_answered"), exits, strict=True))
    return calls and f"{calls}\n\n{_CALL.format(**names)}"


def beside(told: Told) -> str | None:
    """An ``out`` argument that is too small, and what lies beside it."""
    if told.variant is None or told.what != ["beside", "small_out"]:
        return None
    calls = told.calls(told.variant.parameters, "out")
    return calls and f"{calls}\n\n{_BESIDE}"


def dtype(told: Told) -> str | None:
    """An input of another format, or a complex one off the real axis."""
    call, variant, check = told.seen.fault.call, told.variant, told.seen.check
    if told.what[0] != "off_axis":
        return point(told)
    if call is None or variant is None:
        return None
    try:
        z = complex(call.words)
    except ValueError:
        return None
    question = Question(check.check, told.spec, variant, check.format, check.quantity)
    exact, calls = exact_value(question, z, told.format), told.calls(variant.parameters)
    if exact is None or calls is None:
        return None
    value, tolerance = exact
    text = _COMPLEX.format(
        real=z.real.hex(),
        imaginary=z.imag.hex(),
        expected_real=value.real.hex(),
        expected_imaginary=value.imag.hex(),
        tolerance=tolerance.hex(),
    )
    return f"{calls}\n\n{text}"


def printed(told: Told) -> str | None:
    """A printed module that leaves a parameter out."""
    name, variant = told.what[-1], told.variant
    if told.what[0] != "repr" or variant is None or not re.fullmatch(r"[a-z_]+", name):
        return None
    calls = told.calls(variant.parameters, "module")
    if calls is None or name not in variant.parameters:
        return None
    return f"{calls}\n\n{_PRINTED.format(name=name, value=repr(variant.parameters[name]))}"
