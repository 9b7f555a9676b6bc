"""What a call leaves behind or finds: caches, buffers, inputs written to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

from actcheck.adapters.base import Parameters
from tests.zoo.backend import Call, Change
from tests.zoo.effects import floats_off, negated, one_float_off, value, zero
from tests.zoo.planting import of

_fault = of("state")


def _every(period: int, effect: Change, least: int = 100) -> Callable[[], Change]:
    """The effect in one call of so many, of arrays with more elements than that."""

    def made() -> Change:
        calls = count()
        return lambda call: (
            effect(call) if call.x.size > least and next(calls) % period == period - 1 else call.y
        )

    return made


def _kept(key: Callable[[Call], Any]) -> Callable[[], Change]:
    """A result is kept by a key, and given again."""

    def made() -> Change:
        kept: dict[Any, Any] = {}
        return lambda call: kept.setdefault(key(call), call.y.copy())

    return made


def _first_parameters() -> Change:
    """The parameters of the first call."""
    kept: list[Parameters] = []

    def changed(call: Call) -> Any:
        kept.append(dict(call.parameters))
        return call.again(call.x, kept[0])

    return changed


def _after(calls: int, effect: Change) -> Callable[[], Change]:
    def made() -> Change:
        turn = count()
        return lambda call: effect(call) if next(turn) >= calls else call.y

    return made


def _previous_length() -> Change:
    """What is beyond the length of the call before is left as it was: zero."""
    last = [1 << 30]

    def changed(call: Call) -> Any:
        before, last[0] = last[0], call.x.size
        return (
            call.y
            if call.x.ndim != 1 or before >= call.x.size
            else np.where(np.arange(call.x.size) < before, call.y, np.zeros_like(call.y))
        )

    return changed


def _writing(write: Callable[[Call], None]) -> Change:
    def changed(call: Call) -> Any:
        write(call)
        return call.y

    return changed


def _over_input(call: Call) -> None:
    if call.x.flags.writeable and call.x.size:
        call.x[...] = call.y


def _over_upstream(call: Call) -> None:
    if call.upstream is not None and call.upstream.flags.writeable and call.upstream.size:
        call.upstream.flat[0] *= 2


FAULTS = (
    _fault(
        "gelu",
        "every second call one float off",
        _every(2, one_float_off),
        "consistency-float64",
        stateful=True,
        what="differs:runs",
    ),
    _fault("tanh", "every 25th call negated", _every(25, negated), "consistency-float32", stateful=True),
    _fault(
        "silu",
        "every third call two floats off",
        _every(3, floats_off(2)),
        "consistency-bfloat16",
        "gradient",
        stateful=True,
    ),
    _fault(
        "sigmoid",
        "results kept by the length of the input",
        _kept(lambda call: (call.x.shape, call.x.dtype)),
        "*-float32",
        stateful=True,
    ),
    _fault(
        "mish",
        "results kept by the first input",
        _kept(lambda call: (call.x.shape, call.x.dtype, call.x.tobytes()[: call.x.itemsize])),
        "*-float32",
        stateful=True,
    ),
    _fault("elu", "the first parameters for all calls", _first_parameters, "*-float32", stateful=True),
    _fault("softplus", "zero after 20 calls", _after(20, zero), "*-float32", stateful=True),
    _fault(
        "hardswish",
        "gradient NaN after 100 calls",
        _after(100, value(np.nan)),
        "consistency-float16",
        "gradient",
        stateful=True,
    ),
    _fault(
        "logsigmoid",
        "what is longer than the call before is left unwritten",
        _previous_length,
        "consistency-float32",
        stateful=True,
        wrong="memory left unwritten where an array is longer than the one before",
    ),
    _fault(
        "softsign", "the input overwritten", _writing(_over_input), "shapes-float32", what="input_changed"
    ),
    _fault(
        "relu",
        "the input of the gradient overwritten",
        _writing(_over_input),
        "accuracy-float32",
        "gradient",
        what="input_changed",
    ),
    _fault(
        "silu",
        "the upstream overwritten",
        _writing(_over_upstream),
        "accuracy-float32",
        "gradient",
        what="input_changed",
    ),
    _fault(
        "celu",
        "the table of parameters cleared",
        _writing(lambda call: call.parameters.clear()),
        "accuracy-float32",  # type: ignore[attr-defined]
        what="input_changed",
    ),
    _fault(
        "prelu",
        "the weight overwritten",
        _writing(lambda call: call.parameters["weight"].fill(0)),
        "accuracy-float32",
        what="input_changed",
    ),
    _fault(
        "glu",
        "the input overwritten",
        _writing(lambda call: call.x.fill(0) if call.x.flags.writeable else None),
        "accuracy-float32",
        what="input_changed",
    ),
)
