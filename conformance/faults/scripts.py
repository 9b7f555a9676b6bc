"""Scripts that show a fault with the framework alone: got and expected, and exit status 1 while it stands.

Nothing of the results but numbers and the names of what the specifications know becomes code.
"""

from __future__ import annotations

import math
import pprint
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from actcheck.adapters.base import Adapter, Parameters, Unsupported
from actcheck.conformance.faults.distinct import clarity
from actcheck.conformance.faults.gathering import Group, Seen
from actcheck.conformance.faults.words import sentence
from actcheck.conformance.json_values import clean
from actcheck.conformance.names import ANY
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec, Variant

#: An input stands so often in its array: in every place of a vector, and in what is left over.
_COPIES = 67
_QUANTITIES = ("forward", "gradient", "second_derivative")
_KINDS_OF_POINTS = ("value", "nan", "zero_sign", "special_upstream", "property", "dtype")
_INTEGERS = ("int8", "int16", "int32", "int64", "uint8")

_DEFAULT = """\
import ml_dtypes
import numpy as np

from actcheck.adapters.registry import find

BACKEND = find({backend!r})
VERSION = f"{{BACKEND.describe().framework}} {{BACKEND.describe().version}}"
PARAMETERS = {parameters}


def array(values):
    return np.array(values, np.dtype(getattr(ml_dtypes, {format!r}, {format!r})))


def compute(x, upstream):
    return BACKEND.{method}({activation!r}, x, {upstream}PARAMETERS)


def numbers(result):
    return np.asarray(result).astype(np.float64).ravel().tolist()
"""
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
_CALL = """\
print(VERSION)
try:
    got = numbers(compute(array([1.0] * 4), array([1.0] * 4)))
except Exception as error:
    print(f"{{type(error).__name__}}: {{error}}")
    sys.exit({when_raised})
print(f"got {{got}}, and no error")
sys.exit({when_answered})
"""
_AGAIN = """\
from actcheck.conformance.cli import main

sys.exit(main({words}))
"""


@dataclass(frozen=True)
class Shower:
    """What scripts need beside the fault: specifications, and the backend under the name it is found by."""

    specs: Mapping[str, Spec]
    adapter: Adapter
    backend: str

    def script(self, group: Group) -> str:
        """A script that shows the fault: with the framework alone where its text is known, else by a run."""
        clearest = sorted(group.seen, key=clarity)
        for one in clearest:
            text = self._text(group, one)
            if text is not None:
                return self._whole(group, one, text)
        one = clearest[0]
        asked = ["--activation", one.check.activation, "--check", one.check.id]
        words = ["run", "--backend", self.backend, *asked]
        return self._whole(group, one, _AGAIN.format(words=pprint.pformat(words, width=100)))

    def _text(self, group: Group, one: Seen) -> str | None:
        """The script's lines after its head; None where this case cannot be told by them."""
        spec = self.specs.get(one.check.activation)
        maker = _MAKERS.get(group.kind)
        made = maker(spec, one) if spec and spec.kind != "attention" and maker else None
        if spec is None or made is None:
            return None
        parameters, text = made
        tag = one.fault.what.rpartition(":")[2]
        formats = [name for name in (one.check.format, tag) if name in FORMATS or name in _INTEGERS]
        format_name = formats[0] if formats else "float32"
        quantity = one.check.quantity if one.check.quantity in _QUANTITIES else "forward"
        return f"{self._calls(spec.id, parameters, format_name, quantity)}\n\n{text}"

    def _calls(self, activation: str, parameters: Parameters, format_name: str, quantity: str) -> str:
        own = self.adapter.snippet(activation, parameters, format_name, quantity)
        if not isinstance(own, Unsupported):
            return own
        listed = ", ".join(f"{n!r}: {_literal(v, format_name)}" for n, v in parameters.items())
        return _DEFAULT.format(
            backend=self.backend,
            parameters="{" + listed + "}",
            format=format_name,
            method=quantity,
            activation=activation,
            upstream="upstream, " if quantity == "gradient" else "",
        )

    def _whole(self, group: Group, one: Seen, text: str) -> str:
        told = textwrap.fill(_comment(sentence(group)), 100)
        seen = textwrap.fill(_comment(f"{one.check.id}: {one.fault.message}"), 100)
        return f'"""{told}\n\n{seen}\n"""\n\nimport math\nimport sys\n\n{text}'


def _comment(message: str) -> str:
    return clean(" ".join(message.split())).replace("\\", "/").replace('"', "'")


def _literal(value: object, format_name: str) -> str:
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r}, np.dtype(getattr(ml_dtypes, {format_name!r}, {format_name!r})))"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


_Made = tuple[Parameters, str] | None


def _variant(spec: Spec, one: Seen) -> Variant | None:
    return next((v for v in spec.variants if v.label == one.check.label), None)


def _point(spec: Spec, one: Seen) -> _Made:
    """One input, its result and the right one; products of a gate's halves are not told by one input."""
    variant, example = _variant(spec, one), one.fault.example
    plain = spec.kind in ("elementwise", "channelwise", "random")
    plain &= one.check.quantity in (*_QUANTITIES, ANY)
    if variant is None or example is None or not plain or one.fault.what.split(":")[0] in _OTHER_WAYS:
        return None
    off = abs(example.got - example.expected)
    tolerance = off / 2 if math.isfinite(off) else abs(example.expected)
    text = _POINT.format(
        x=float(example.x).hex(),
        upstream=float(example.upstream).hex(),
        expected=float(example.expected).hex(),
        tolerance=tolerance if math.isfinite(tolerance) else 0.0,
        signs="wrong_zero_sign" in one.fault.what,
        copies=_COPIES,
    )
    return variant.parameters, text


#: Ways to ask that the text of a call does not tell.
_OTHER_WAYS = ("tangent", "second_upstream", "by_upstream", "slice", "weight")


def _bits(spec: Spec, one: Seen) -> _Made:
    variant, example = _variant(spec, one), one.fault.example
    if variant is None or example is None or spec.kind not in ("elementwise", "channelwise"):
        return None
    return variant.parameters, _BITS.format(x=float(example.x).hex())


def _raised(spec: Spec, one: Seen) -> _Made:
    variant = _variant(spec, one)
    if variant is None or one.fault.what != "raised":
        return None
    return variant.parameters, _CALL.format(when_raised=1, when_answered=0)


def _accepted(spec: Spec, one: Seen) -> _Made:
    what, _, label = one.fault.what.partition(":")
    row = next((row for row in spec.refused if spec.refused_label(row) == label), None)
    if row is None or what != "accepted":
        return None
    return row.parameters, _CALL.format(when_raised=0, when_answered=1)


_MAKERS: Mapping[str, Callable[[Spec, Seen], _Made]] = {
    **dict.fromkeys(_KINDS_OF_POINTS, _point),
    "bits": _bits,
    "raised": _raised,
    "accepted": _accepted,
}
