"""Trials of a program's protocol: its hello against the specifications, and calls of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from actcheck.adapters.base import Array, BackendLostError, Parameters, Unsupported
from actcheck.adapters.child.hello import Hello
from actcheck.adapters.child.program import Program, RefusedError
from actcheck.conformance.contracts.trial import Trial
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.loading.errors import near
from actcheck.reference.specification.model import Spec

#: Inputs of an ordinary call, and of one with special values.
_X = (-2.0, -0.5, 0.0, 0.5, 2.0)
_SPECIAL = (np.nan, np.inf, -np.inf, -0.0)
_SHAPES: tuple[tuple[int, ...], ...] = ((), (0,), (2, 0, 3), (3, 4), (1, 2, 1, 2, 1, 2), ((1 << 19) + 3,))
#: What no program has, as a name of the protocol.
_NOBODY = "no_such_activation"
#: Kinds whose values the protocol asks for; of the others it has no calls.
_ASKED = ("elementwise", "channelwise", "gated", "concatenating")


def trials(program: Program, specs: Mapping[str, Spec]) -> Iterator[Trial]:
    """Try a program; the first trial is its hello, and the last its end."""
    try:
        said = program.hello
    except BackendLostError as error:
        yield Trial("hello", str(error))
        return
    yield Trial("hello")
    yield from _names(said, specs)
    asked = {name: specs[name] for name in said.activations if name in specs}
    for name, spec in asked.items():
        yield from _calls(program, said, name, spec)
    for name, spec in asked.items():
        if spec.kind == "elementwise" and (chosen := _parameters(said, name, spec)) is not None:
            yield from _forms(program, said, name, chosen)
            break
    yield from _unknown(program, said)
    yield _end(program)


def _names(said: Hello, specs: Mapping[str, Spec]) -> Iterator[Trial]:
    """What hello names, against the specifications."""
    for name, listed in said.activations.items():
        what = f"hello: {name}"
        if name not in specs:
            hint = near(name, specs)
            yield Trial(what, f"there is no specification {name}{hint}; for one of your own give --spec FILE")
            continue
        if specs[name].kind not in _ASKED:
            yield Trial(what, f"the protocol has no calls for activations of the kind {specs[name].kind}")
            continue
        known = {p.name for p in specs[name].parameters}
        given = set(listed.get("parameters", {}))
        wrong = [f"{n} is no parameter of the specification{near(n, known)}" for n in sorted(given - known)]
        wrong += [
            f"the parameter {n} is missing: list it with true, or with the only values it is built for"
            for n in sorted(known - given)
        ]
        yield Trial(what, "; ".join(wrong))


def _parameters(said: Hello, name: str, spec: Spec) -> Parameters | None:
    """Those of the first variant that hello does not rule out."""
    form = said.of(name, "formats")[0]
    quantity = said.of(name, "quantities")[0]
    for variant in spec.variants:
        given = {n: _given(value) for n, value in variant.parameters.items()}
        if said.lacks(quantity, name, form, given) is None:
            return given
    return None


def _given(value: object) -> object:
    """An array of one weight stands for every array."""
    return np.asarray(value) if isinstance(value, list | tuple) else value


def _calls(program: Program, said: Hello, name: str, spec: Spec) -> Iterator[Trial]:
    """Every quantity in every format that it says it computes."""
    parameters = _parameters(said, name, spec)
    if parameters is None:
        yield Trial(name, "none of the specification's variants has parameters that hello allows")
        return
    if spec.kind != "elementwise":
        return
    for quantity in said.of(name, "quantities"):
        for form in said.of(name, "formats"):
            if form in FORMATS and quantity != "weight_gradient":
                x = np.array(_X).astype(FORMATS[form].dtype)
                what = f"{quantity} of {name} in {form}"
                yield _answered(what, x, partial(_call, program, quantity, name, parameters, x))


def _forms(program: Program, said: Hello, name: str, parameters: Parameters) -> Iterator[Trial]:
    """Shapes, special values and parameters of one activation."""
    form = next((f for f in said.of(name, "formats") if f in FORMATS), None)
    quantity = said.of(name, "quantities")[0]
    if form is None or quantity == "weight_gradient":
        return
    for shape in _SHAPES:
        x = np.ones(shape, FORMATS[form].dtype)
        told = f"an array of shape {list(shape)}"
        yield _answered(told, x, partial(_call, program, quantity, name, parameters, x))
    x = np.array(_SPECIAL).astype(FORMATS[form].dtype)
    yield _answered("NaN and infinities", x, partial(_call, program, quantity, name, parameters, x))


def _unknown(program: Program, said: Hello) -> Iterator[Trial]:
    """What it does not have: unsupported is the answer, and it can be asked again."""
    x = np.array(_X, np.float32)
    yield _lacked(_NOBODY, partial(_call, program, "forward", _NOBODY, {}, x))
    for name in said.activations:
        for form in ("int32", "complex64"):
            if form not in said.of(name, "formats"):
                given = x.astype(form)
                yield _lacked(f"{name} in {form}", partial(_call, program, "forward", name, {}, given))
        break
    yield _lacked(f"{_NOBODY} again", partial(_call, program, "forward", _NOBODY, {}, x))


def _call(
    program: Program, quantity: str, name: str, parameters: Parameters, x: Array
) -> Array | Unsupported:
    arrays = {"x": x, "upstream": np.ones_like(x)} if quantity == "gradient" else {"x": x}
    return program.call(quantity, name, parameters, arrays)


def _answered(what: str, x: Array, call: Callable[[], Array | Unsupported]) -> Trial:
    """A call that must have a result of the form of x."""
    try:
        y = call()
    except RefusedError as error:
        return Trial(what, f"it refuses parameters that the specification allows: {error}")
    except BackendLostError as error:
        return Trial(what, str(error))
    if isinstance(y, Unsupported):
        return Trial(what, f"hello says that it computes this, and the call is unsupported: {y.reason}")
    if (y.dtype, y.shape) != (x.dtype, x.shape):
        told = f"{y.dtype} of shape {list(y.shape)}, expected {x.dtype} of shape {list(x.shape)}"
        return Trial(what, f"it returned {told}")
    return Trial(what)


def _lacked(what: str, call: Callable[[], Array | Unsupported]) -> Trial:
    """A call that cannot have a result."""
    what = f"{what}, which it does not have"
    try:
        y = call()
    except RefusedError:
        return Trial(what)
    except BackendLostError as error:
        return Trial(what, f"{error}; the answer to what there is not is unsupported, with a reason")
    return Trial(what, "" if isinstance(y, Unsupported) else "it gave a result; the answer is unsupported")


def _end(program: Program) -> Trial:
    """It ends when its input does."""
    what = "the end of its input"
    try:
        status = program.end()
    except BackendLostError as error:
        return Trial(what, str(error))
    if status is None:
        return Trial(what, "it goes on: end the program when its standard input ends")
    return Trial(what, f"it ends with exit status {status}, expected 0" if status else "")
