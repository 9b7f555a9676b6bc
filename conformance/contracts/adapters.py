"""Trials of an adapter's contract: what it names, its arrays, and what calls return and leave behind.

What it computes is not looked at: that is what the questions are for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from actcheck.adapters.base import Array, Parameters, Unsupported
from actcheck.conformance.backends.asker import UnansweredError, UnsupportedError, calling, formed
from actcheck.conformance.backends.guard.contained import left_changed, told
from actcheck.conformance.backends.guard.copies import differing
from actcheck.conformance.backends.guard.guarded import Guarded, unguarded
from actcheck.conformance.backends.guard.process import Process
from actcheck.conformance.backends.support import QUANTITIES
from actcheck.conformance.contracts.optional_forms import FORMS, Asked
from actcheck.conformance.contracts.trial import Trial
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification import loading
from actcheck.reference.specification.loading.errors import near
from actcheck.reference.specification.model import Spec

#: Even along every dimension, so that gated activations can halve it.
_SHAPE = (4, 6)
_ORDINARY = (-2.5, -1.0, -0.5, -0.0, 0.0, 0.25, 0.5, 1.0, 2.0, 3.5, 6.0, 20.0)
_SPECIAL = (np.nan, np.inf, -np.inf)
#: Ways in which an array may lie in memory.
_LAYOUTS: Mapping[str, Callable[[Array], Array]] = {
    "in C order": lambda x: x,
    "without dimensions": lambda x: x[0, 0].reshape(()),
    "without elements": lambda x: x[:0],
    "transposed": lambda x: x.T,
    "of every second element": lambda x: x[:, ::2],
    "reversed": lambda x: x[::-1, ::-1],
    "expanded": lambda x: np.broadcast_to(x[0], x.shape),
}
#: What no framework has.
_NOBODY = "no_such_activation"
#: Kinds whose results are those of one array.
_CALLED = ("elementwise", "channelwise", "gated", "concatenating", "normalizing", "random")


@dataclass(frozen=True)
class Plan:
    """A trial that is still to be made."""

    what: str
    #: What is wrong; empty where nothing is. Raises what the adapter raises.
    wrong: Callable[[], str]

    def trial(self) -> Trial:
        """Make it."""
        try:
            return Trial(self.what, self.wrong())
        except BaseException as error:  # whatever an adapter raises is what its trial found
            return Trial(self.what, told(error))


def planned(adapter: Guarded, activations: tuple[str, ...] = ()) -> list[Plan]:
    """All trials of an adapter, in order, with these activations alone if any are given."""
    formats = [name for name in adapter.describe().formats if name in FORMATS]
    specs = {
        name: spec for name, spec in loading.load_all().items() if not activations or name in activations
    }
    plans = [Plan("what describe() names", partial(_described, adapter))]
    plans += [Plan(f"functions(): {name}", partial(_named, adapter, name)) for name in adapter.functions()]
    plans += [Plan(f"an activation that there is not: {_NOBODY}", partial(_nobody, adapter))]
    for form in formats:
        plans += [
            Plan(f"arrays of {form} {layout}", partial(_arrays, adapter, form, layout)) for layout in _LAYOUTS
        ]
    for spec in specs.values():
        if spec.kind in _CALLED and not isinstance(adapter.lookup(spec.id), Unsupported):
            plans += _plans(adapter, spec, formats)
    return [*plans, Plan("attention_paths() and use_threads()", partial(_settings, adapter))]


def _described(adapter: Guarded) -> str:
    """Names of formats and quantities against those that there are."""
    description = adapter.describe()
    known = {"formats": tuple(FORMATS), "quantities": QUANTITIES}
    wrong = [
        f"{name} in {field} is unknown{near(name, names)}"
        for field, names in known.items()
        for name in getattr(description, field)
        if name not in names
    ]
    return "; ".join(wrong)


def _named(adapter: Guarded, name: str) -> str:
    """One entry of functions() against the specifications."""
    found = adapter.functions()[name]
    if not isinstance(found, Unsupported) and not callable(found):
        return f"it is a {type(found).__name__}: map it to a function, or to an Unsupported with the reason"
    known = loading.load_all()
    told = (
        f"there is no specification {name}{near(name, known)}; for one of your own it needs --spec with run"
    )
    return "" if name in known else told


def _nobody(adapter: Guarded) -> str:
    """What it lacks is a value."""
    found = adapter.lookup(_NOBODY)
    if not isinstance(found, Unsupported):
        return f"lookup() gives a {type(found).__name__}; what the framework lacks is an Unsupported"
    x = np.ones(_SHAPE, np.float32)
    given = adapter.forward(_NOBODY, x, {})
    return "" if isinstance(given, Unsupported) else "forward() gives a result; return an Unsupported"


def _arrays(adapter: Guarded, form: str, layout: str) -> str:
    """There and back, by the adapter itself: nothing may be changed."""
    x = _LAYOUTS[layout](_numbers(form, special=True))
    before, own = x.copy(), unguarded(adapter)
    with calling("to_backend, and to_host of what it gave,"):
        y = formed(x, adapter.run("to_backend", lambda: own.to_host(own.to_backend(x))))
    wrong = [_changed("they are not what they were when they come back", before, y)]
    wrong.append(_changed("to_backend writes to its argument", before, x))
    return "; ".join(filter(None, wrong))


def _plans(adapter: Guarded, spec: Spec, formats: list[str]) -> Iterator[Plan]:
    """Trials of one activation: all quantities in one format, and the others by their results alone."""
    quantities = [
        q for q in adapter.describe().quantities if q in ("forward", "gradient", "second_derivative")
    ]
    if spec.kind != "elementwise":
        quantities = [q for q in quantities if q != "second_derivative"]
    yield Plan(f"{spec.id}: the names of defaults()", partial(_defaults, adapter, spec))
    for form in formats:
        for quantity in quantities if form == formats[-1] or spec.kind == "elementwise" else ("forward",):
            parameters = _parameters(adapter, spec, form, quantity)
            if parameters is not None:
                called = partial(_called, adapter, spec, form, quantity, parameters)
                yield Plan(f"{spec.id}: {quantity} in {form}", called)
    parameters = _parameters(adapter, spec, formats[-1], "forward") if formats else None
    if parameters is not None:
        yield Plan(f"{spec.id}: memory of results", partial(_memory, adapter, spec, formats[-1], parameters))
        for name, ask in FORMS.items():
            if spec.kind == "elementwise":
                yield Plan(
                    f"{spec.id}: {name}()", partial(_form, adapter, spec, formats[-1], parameters, ask)
                )


def _parameters(adapter: Guarded, spec: Spec, form: str, quantity: str) -> Parameters | None:
    """Those of the first variant that the backend computes with."""
    for variant in spec.variants:
        if adapter.limit(spec.id, variant.parameters, form, quantity) is None:
            arrays = [p.name for p in spec.parameters if p.type == "array"]
            # One weight is allowed for every number of channels.
            return {**variant.parameters, **dict.fromkeys(arrays, np.full(1, 0.25, FORMATS[form].dtype))}
    return None


def _defaults(adapter: Guarded, spec: Spec) -> str:
    found = adapter.defaults(spec.id)
    if isinstance(found, Unsupported):
        return ""
    known = {p.name for p in spec.parameters}
    if not isinstance(found, Mapping):
        return f"a {type(found).__name__}: return parameters by name, or an Unsupported"
    if {p.name for p in spec.parameters if not p.required} <= found.keys():
        return ""  # others are parameters that the framework alone has
    return "; ".join(f"{n} is no parameter of {spec.id}{near(n, known)}" for n in found if n not in known)


def _called(adapter: Guarded, spec: Spec, form: str, quantity: str, parameters: Parameters) -> str:
    """One call: the form of its result, and what it leaves of its arguments and of the process."""
    adapter.taken()
    x, process = _numbers(form), Process()
    like = _like(spec, x, parameters)
    wrong = []
    try:
        with calling("the call"):
            match quantity:
                case "forward":
                    formed(like, adapter.forward(spec.id, x, parameters))
                case "gradient":
                    formed(x, adapter.gradient(spec.id, x, np.ones_like(like), parameters))
                case _:
                    formed(x, adapter.second_derivative(spec.id, x, parameters))
    except UnsupportedError:
        pass  # a value, with its reason
    except UnansweredError as error:
        wrong.append(_told(error, spec))
    wrong += [fault.message for fault in adapter.taken()]
    wrong += left_changed(process).values()
    return "; ".join(wrong)


def _told(error: UnansweredError, spec: Spec) -> str:
    said = str(error)
    if "TypeError" not in said:
        return said
    names = ", ".join(p.name for p in spec.parameters) or "none"
    return f"{said} (the parameters of the specification are passed by name: {names})"


def _memory(adapter: Guarded, spec: Spec, form: str, parameters: Parameters) -> str:
    """Whether results lie where their input lay, or where the next result will."""
    own, x = unguarded(adapter), _numbers(form)
    with calling("the call"):
        first = adapter.run("forward", partial(own.forward, spec.id, x, {**parameters}))
    if not isinstance(first, np.ndarray):
        return ""  # told by the trials of calls
    if np.shares_memory(first, x):
        return "the result lies in the memory of the input; return a new array"
    before = first.copy()
    with calling("a second call"):
        adapter.run("forward", partial(own.forward, spec.id, _numbers(form)[::-1].copy(), {**parameters}))
    return _changed("the next call writes to the result of the one before; return a new array", before, first)


def _form(adapter: Guarded, spec: Spec, form: str, parameters: Parameters, ask: Asked) -> str:
    """One of the optional methods: the type of what it returns."""
    adapter.taken()
    x = _numbers(form)
    with calling("the call"):
        wrong = ask(adapter, spec.id, x, np.ones_like(x), {**parameters})
    return "; ".join(filter(None, [wrong, *(fault.message for fault in adapter.taken())]))


def _settings(adapter: Guarded) -> str:
    wrong = []
    paths = adapter.attention_paths()
    if not isinstance(paths, tuple) or not all(isinstance(path, str) for path in paths):
        wrong.append("attention_paths() gives no tuple of names")
    own = unguarded(adapter)
    said = adapter.run("use_threads", lambda: own.use_threads(1))
    if not isinstance(said, bool):
        wrong.append(f"use_threads() gives a {type(said).__name__}, expected whether there is such a setting")
    return "; ".join(wrong)


def _numbers(form: str, *, special: bool = False) -> Array:
    """An array of `_SHAPE`."""
    numbers = (*_ORDINARY, *_SPECIAL) if special else _ORDINARY
    return np.resize(np.array(numbers), _SHAPE).astype(FORMATS[form].dtype)


def _like(spec: Spec, x: Array, parameters: Parameters) -> Array:
    """An array of the shape of the result."""
    if spec.kind not in ("gated", "concatenating"):
        return x
    dim = int(parameters["dim"])
    return np.concatenate([x, x], dim) if spec.kind == "concatenating" else np.split(x, 2, dim)[0]


def _changed(what: str, before: Array, after: Array) -> str:
    at = differing(before, after)
    if not len(at):
        return ""
    was, became = before.flat[at[0]], after.flat[at[0]]
    return f"{what}: element {at[0]} of {before.size} was {was} and is {became}"
