"""One task of a sweep of a gated activation: some factors, each with every gate input of a 16-bit format."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter
from actcheck.conformance.backends.asker import calling, formed
from actcheck.conformance.backends.guard.copies import differing
from actcheck.conformance.backends.guard.guarded import Guarded, guard
from actcheck.conformance.backends.guard.lending import INPUT_CHANGED, changed
from actcheck.conformance.model import Fault, Question
from actcheck.conformance.sweep.job import FACTORS
from actcheck.conformance.sweep.partial_result import PartialResult
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.gates import gate_signs, is_unbounded
from actcheck.reference.judging.products import Products
from actcheck.reference.judging.verdict import Occurrences, Verdict, joined_ranges, merged
from actcheck.reference.specification.binding import Bound
from actcheck.reference.specification.elements import gate
from actcheck.reference.sweeping.claims import Ordering

Array = NDArray[Any]
#: Factor, gate input and result.
Pair = tuple[float, float, float]
#: Neighbouring gate inputs whose largest error is kept.
GROUP = 16
#: Factors that the backend is asked at a time.
_ROWS = 4


@dataclass(frozen=True)
class _Gates:
    """All patterns of a format, in order, the gate's sign for each, and a judge of products with it."""

    every: Array
    signs: NDArray[np.float64]
    #: Where the gate is a finite number: those patterns are the products'.
    bounded: NDArray[np.bool_]
    products: Products


@lru_cache(maxsize=2)
def _gates(bound: Bound, name: str) -> _Gates:
    form = FORMATS[name]
    every = form.every_pattern()
    with np.errstate(all="ignore"):
        bounded = ~np.isnan(every) & ~is_unbounded(bound, every)
        return _Gates(every, gate_signs(bound, every), bounded, Products(bound, form, every[bounded]))


def _gates_of(question: Question) -> _Gates:
    return _gates(gate(question.spec, question.variant.parameters), question.format)


def paired(adapter: Adapter, question: Question, start: int, count: int = FACTORS) -> PartialResult:
    """Judge a*g(b) for these factors a, with every b. Raises UnansweredError."""
    with np.errstate(all="ignore"):  # NaNs of every pattern are among the inputs
        return _paired(adapter, question, start, count)


def _paired(adapter: Adapter, question: Question, start: int, count: int) -> PartialResult:
    began = time.perf_counter()
    form = FORMATS[question.format]
    gates = _gates_of(question)
    every, b = gates.every, gates.every[gates.bounded]
    products, guarded = gates.products.anew(), guard(adapter)
    factors = every[start : start + count]
    parts, firsts, backend_seconds = [], dict[str, Pair](), 0.0
    for rows in np.array_split(factors, -(-len(factors) // _ROWS)):
        before = time.perf_counter()
        y = _results(guarded, question, rows, every)
        backend_seconds += time.perf_counter() - before
        results_of = y[:, gates.bounded]
        parts.append(_undefined(form, rows, gates, y, firsts))
        for factor, results in zip(rows.astype(np.float64).tolist(), results_of, strict=True):
            if np.isfinite(factor):
                products.judge(factor, results)
                parts.append(_zero_signs(form, factor, gates, results))
    found = products.verdict()
    segments = _faithless(form, b, products.peaks)
    pairs = products.firsts | firsts | ({"worst": products.worst_pair} if found.worst else {})
    verdict = merged([found, *parts])
    changes = {fault.what: fault.message for fault in reversed(guarded.taken())}
    times = backend_seconds, time.perf_counter() - began
    return PartialResult(verdict, segments, Ordering(()), pairs, changes, *times)


def _faithless(form: Format, b: Array, errors: NDArray[np.float64]) -> dict[int, tuple[float, int]]:
    """Groups of neighbouring gate inputs with an error of one unit and more: the largest, and its key."""
    keys, found = form.keys(b), dict[int, tuple[float, int]]()
    for i in np.flatnonzero(errors >= 1).tolist():
        group, error = int(keys[i]) // GROUP, (float(errors[i]), int(keys[i]))
        found[group] = max(found.get(group, error), error)
    return found


def _results(guarded: Guarded, question: Question, factors: Array, every: Array) -> Array:
    parameters = {**question.variant.parameters}
    dim = int(question.variant.parameters["dim"])  # type: ignore[arg-type]
    a = np.repeat(factors[:, None], len(every), axis=1)
    b = np.broadcast_to(every, a.shape)
    # Memory that is the backend's alone: what is judged are the factors and gate inputs themselves.
    x = np.concatenate([a, b], axis=dim)
    with calling(f"{question.activation}()"):
        y = guarded.run("forward", partial(guarded.backend.forward, question.activation, x, parameters))
    _compare(guarded, (a, b), x, dim)
    return formed(a, y)


def _compare(guarded: Guarded, halves: tuple[Array, Array], x: Array, dim: int) -> None:
    """Note it where the call wrote to its argument."""
    bits = f"u{x.itemsize}"
    now = np.split(x, 2, axis=dim)
    if not all(np.array_equal(p.view(bits), q.view(bits)) for p, q in zip(halves, now, strict=True)):
        before = np.concatenate(halves, axis=dim)
        told = changed("x", before, x, differing(before, x))
        guarded.note("x", Fault(INPUT_CHANGED, f"{INPUT_CHANGED}: {told}"))


def _undefined(form: Format, factors: Array, gates: _Gates, y: Array, firsts: dict[str, Pair]) -> Verdict:
    """Pairs with a NaN, or with an infinite factor or gate: the result is NaN, or infinite with both signs;
    inf times 0 is not judged.

    The inputs of a class are the factors here; the first pair of each is added to ``firsts``.
    """
    # Finite factors have no such pair where the gate is finite.
    at = np.flatnonzero(~gates.bounded) if np.isfinite(factors).all() else np.arange(len(gates.every))
    a, got = factors[:, None].astype(np.float64), y[:, at].astype(np.float64)
    gate, signs = gates.every[at].astype(np.float64), gates.signs[at]
    nan = np.isnan(a) | np.isnan(gate)
    infinite = (np.isinf(a) | ~gates.bounded[at]) & ~nan
    free = infinite & ((signs == 0) | (a == 0))
    wanted = np.copysign(np.inf, a * signs)
    wrong_nan = np.where(nan, ~np.isnan(got), infinite & np.isnan(got)) & ~free
    wrong_infinity = infinite & ~free & ~np.isnan(got) & (got != wanted)
    classes = {}
    for name, hit in (("wrong_nan", wrong_nan), ("wrong_infinity", wrong_infinity)):
        if hit.any():
            keys = form.keys(factors[hit.any(axis=1)]).tolist()
            classes[name] = Occurrences(int(hit.sum()), min(keys), joined_ranges((k, k) for k in keys))
            row, column = (int(places[0]) for places in np.nonzero(hit))
            firsts.setdefault(name, (float(a[row, 0]), float(gate[column]), float(got[row, column])))
    wrong = int(wrong_nan.sum() + wrong_infinity.sum())
    return Verdict(
        points=int(nan.sum() + infinite.sum()),
        nan_inputs=int(nan.sum()),
        not_correctly_rounded=wrong,
        not_faithful=wrong,
        classes=classes,
    )


def _zero_signs(form: Format, factor: float, gates: _Gates, y: Array) -> Verdict:
    """A zero factor gives a zero of its own sign and the gate's."""
    if factor != 0:
        return Verdict()
    signs = gates.signs[gates.bounded]
    wrong = (y == 0) & (signs != 0) & (np.signbit(y) != (np.signbit(factor) ^ (signs < 0)))
    if not wrong.any():
        return Verdict()
    keys = form.keys(gates.every[gates.bounded][wrong]).tolist()
    seen = Occurrences(len(keys), min(keys), joined_ranges((k, k) for k in keys))
    return Verdict(classes={"wrong_zero_sign": seen})
