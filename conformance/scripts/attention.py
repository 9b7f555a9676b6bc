"""Scripts of multihead attention: the call is made again from its words, its arrays written out."""

from __future__ import annotations

import math
import pprint
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import AttentionCall, Unsupported
from actcheck.conformance.checks.attention import CALLS
from actcheck.conformance.checks.parts.attention.asked import AskedCall
from actcheck.conformance.checks.parts.attention.results import TRAINING
from actcheck.conformance.checks.refused_parameters import attention_with
from actcheck.conformance.model import Question
from actcheck.conformance.results.fault_records import CallRecord
from actcheck.conformance.scripts.made import Told
from actcheck.reference.attention.inputs import NAMES, SHARED

Array = NDArray[Any]
#: Arrays of a call beside its weights.
_ARRAYS = ("query", "key", "value", "key_padding_mask", "attn_mask", "upstream")
#: More elements than that make no script that a person reads.
_MOST = 10_000
_DEFAULT = """\
import ml_dtypes
import numpy as np

from actcheck.adapters.base import AttentionCall
from actcheck.adapters.registry import find

BACKEND = find({backend!r})
VERSION = f"{{BACKEND.describe().framework}} {{BACKEND.describe().version}}"


def array(dtype, shape, values, strides=None):
    made = np.array(values, np.dtype(getattr(ml_dtypes, dtype, dtype))).reshape(shape)
    if strides is None:
        return made
    if 0 in strides:
        return np.broadcast_to(made[tuple(slice(None if s else 1) for s in strides)], shape)
    memory = np.zeros(1 + sum((n - 1) * s for n, s in zip(shape, strides)), made.dtype)
    view = np.lib.stride_tricks.as_strided(memory, shape, [s * made.itemsize for s in strides])
    view[...] = made
    return view


def attend(seed):
    given = BACKEND.attention(AttentionCall(**ARRAYS, weights=WEIGHTS, seed=seed, **OPTIONS))
    gradients = {{f"gradient of {{name}}": g for name, g in given.gradients.items()}}
    return {{"output": given.output, "weights": given.weights, **gradients}}
"""
_ELEMENT = """\
RESULT, INDEX = {result!r}, {index!r}
EXPECTED = float.fromhex({expected!r})
#: Half of what it was off by.
TOLERANCE = {tolerance!r}


def is_wrong(got):
    if math.isnan(got) or math.isnan(EXPECTED):
        return math.isnan(got) != math.isnan(EXPECTED)
    return got != EXPECTED and {also}abs(got - EXPECTED) > TOLERANCE


found = [float(attend(seed)[RESULT][INDEX]) for seed in {seeds}]
wrong = [got for got in found if is_wrong(got)]
got = wrong[0] if wrong else found[0]
print(VERSION)
print(f"{{RESULT}}{{list(INDEX)}}")
print(f"got      {{got!r}} ({{got.hex()}})")
print(f"expected {{EXPECTED!r}} ({{EXPECTED.hex()}}){or_zero}")
sys.exit(1 if wrong else 0)
"""
_CALL = """\
print(VERSION)
try:
    output = attend({seed})["output"]
except Exception as error:
    print(f"{{type(error).__name__}}: {{error}}")
    sys.exit({when_raised})
print(f"an output of shape {{tuple(output.shape)}}, and no error")
sys.exit({when_answered})
"""
#: Draws of dropout, in which a weight that stays is looked for.
_SEEDS = "range(64)"


def element(told: Told) -> str | None:
    """One element of a result, beside what it must be."""
    call = told.seen.fault.call
    asked = _asked(told)
    if asked is None or call is None or not call.result or not _is_finite_enough(call):
        return None
    one, path = asked
    drops = "dropout" in told.seen.check.quantity
    expected = _undropped(one, call) if drops else float(call.expected)
    if expected is None:
        return None
    off = abs(call.got - expected)
    text = _ELEMENT.format(
        result=call.result,
        index=_own_index(one.call(path), call),
        expected=expected.hex(),
        tolerance=off / 2 if math.isfinite(off) else 0.0,
        also="got != 0 and " if drops else "",
        or_zero=", or 0 where it is dropped" if drops else "",
        seeds=_SEEDS if drops else f"({one.call(path).seed},)",
    )
    return _with_calls(told, one.call(path), text)


def raised(told: Told) -> str | None:
    """A call that ends in an error."""
    asked = _asked(told)
    if asked is None:
        return None
    call = asked[0].call(asked[1])
    return _with_calls(told, call, _CALL.format(seed=call.seed, when_raised=1, when_answered=0))


def accepted(told: Told) -> str | None:
    """A parameter that should be refused."""
    row = told.accepted
    if row is None:
        return None
    call = attention_with(told.spec, {**told.spec.default.parameters, **row.parameters})
    if call is None:
        return None
    text = _CALL.format(seed=0, when_raised=0, when_answered=1)
    return _with_calls(told, replace(call, path=TRAINING), text)


def _is_finite_enough(call: CallRecord) -> bool:
    return math.isnan(call.got) != math.isnan(call.expected) or call.got != call.expected


def _asked(told: Told) -> tuple[AskedCall, str] | None:
    """The call of the fault and its path, among those that the question puts."""
    check, call, variant = told.seen.check, told.seen.fault.call, told.variant
    calls = CALLS.get(check.quantity)
    if call is None or calls is None or variant is None or check.check != "attention":
        return None
    path = call.words.removeprefix("path ").partition(",")[0]
    question = Question(check.check, told.spec, variant, told.format, check.quantity)
    found = (one for one in calls(question, told.level, told.seed) if one.words(path) == call.words)
    one = next(found, None)
    return None if one is None else (one, path)


def _undropped(one: AskedCall, call: CallRecord) -> float | None:
    """What an element is where nothing is dropped: the output of these calls is their weights."""
    case = one.exactly.case
    if call.result != "output" or not 0 < case.call.dropout < 1:
        return None
    return float(one.exactly.exact.output.exact.main[call.index]) / (1 - case.call.dropout)


def _own_index(call: AttentionCall, shown: CallRecord) -> tuple[int, ...]:
    """The index in the backend's own array, of one that counts the batch first."""
    index, name = tuple(map(int, shown.index)), shown.result.removeprefix("gradient of ")
    of_input = shown.result == "output" or name.partition(SHARED)[0] in NAMES
    if call.query.ndim == 2 and (of_input or shown.result == "weights"):
        return index[1:]
    return index if call.batch_first or not of_input else (index[1], index[0], *index[2:])


def _with_calls(told: Told, call: AttentionCall, text: str) -> str | None:
    arrays = [getattr(call, name) for name in _ARRAYS]
    if sum(a.size for a in (*arrays, *call.weights.values()) if a is not None) > _MOST:
        return None
    own = told.adapter.attention_snippet(call)
    head = _DEFAULT.format(backend=told.backend) if isinstance(own, Unsupported) else own
    return f"{head}\n\n{_data(call)}\n\n{text}"


def _data(call: AttentionCall) -> str:
    """The arrays and options of a call, as Python text: ARRAYS, WEIGHTS and OPTIONS."""
    options = {
        "num_heads": call.num_heads,
        "add_zero_attn": call.add_zero_attn,
        "batch_first": call.batch_first,
        "need_weights": call.need_weights,
        "average_attn_weights": call.average_attn_weights,
        "is_causal": call.is_causal,
        "dropout": call.dropout,
        "path": call.path,
    }
    weights = "".join(f"    {name!r}: {_array(array)},\n" for name, array in call.weights.items())
    given = pprint.pformat(options, sort_dicts=False)
    if math.isnan(call.dropout):
        given = given.replace("nan", "math.nan")
    arrays = "".join(_lines(call))
    return f"inf, nan = math.inf, math.nan\n{arrays}WEIGHTS = {{\n{weights}}}\nOPTIONS = {given}\n"


def _lines(call: AttentionCall) -> Iterator[str]:
    """Each array under its name; what is one array is made once."""
    made: dict[int, str] = {}
    for name in _ARRAYS:
        array = getattr(call, name)
        if array is not None:
            yield f"{name} = {made.get(id(array)) or _array(array)}\n"
            made[id(array)] = name
    names = ", ".join(f"{n!r}: {n}" for n in _ARRAYS if getattr(call, n) is not None)
    yield f"ARRAYS = {{{names}}}\n"


def _array(array: Array) -> str:
    strides = [s // array.itemsize for s in array.strides]
    laid = "" if array.flags.c_contiguous else f", {tuple(strides)!r}"
    return f"array({array.dtype.name!r}, {array.shape!r}, {_shortest(array)}{laid})"


def _shortest(array: Array) -> str:
    """Nested lists of the shortest decimals that round to the numbers."""
    if array.dtype == bool:
        return repr(array.tolist())
    wide = array if array.dtype == np.float64 else array.astype(np.float32)
    return str(np.vectorize(str, otypes=[object])(wide).tolist()).replace("'", "")
