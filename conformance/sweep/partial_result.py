"""What a task of a sweep found, how it is written down, and how parts add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actcheck.reference.judging.verdict import Occurrences, Verdict, Worst, merged
from actcheck.reference.sweeping.claims import Broken, Claim, Ordering

_COUNTS = ("points", "nan_inputs", "infinite_inputs", "not_correctly_rounded", "not_faithful")


@dataclass(frozen=True)
class PartialResult:
    """A task's findings, or a whole sweep's."""

    verdict: Verdict = field(default_factory=Verdict)
    #: Segment of the certificate to its largest error, and the key of the chunk in which that lies; of
    #: products, group of gate inputs with errors of one unit and more to the largest, and its key.
    segments: Mapping[int, tuple[float, int]] = field(default_factory=dict)
    ordering: Ordering = field(default_factory=lambda: Ordering(()))
    #: Of products: class of wrong answers, or ``worst``, to factor, input and result.
    pairs: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    #: What the backend did beside answering: kind of the fault to its first message.
    changes: Mapping[str, str] = field(default_factory=dict)
    #: Time of the backend alone, and of everything.
    backend_seconds: float = 0.0
    seconds: float = 0.0


def total(parts: Sequence[PartialResult]) -> PartialResult:
    """The whole of parts in the order of their magnitudes."""
    verdicts, segments, ordering = [], dict[int, tuple[float, int]](), None
    backend_seconds = seconds = 0.0
    for part in parts:
        verdicts.append(part.verdict)
        for index, found in part.segments.items():
            segments[index] = max(segments.get(index, found), found, key=lambda f: f[0])
        if ordering is None:
            ordering = Ordering(part.ordering.claims)
        ordering.merge(part.ordering)
        backend_seconds += part.backend_seconds
        seconds += part.seconds
    changes = {what: told for part in reversed(parts) for what, told in part.changes.items()}
    times = backend_seconds, seconds
    return PartialResult(merged(verdicts), segments, ordering or Ordering(()), _pairs(parts), changes, *times)


def _pairs(parts: Sequence[PartialResult]) -> dict[str, tuple[float, float, float]]:
    """The first pair of each class, and the worst."""
    found = {name: pair for part in reversed(parts) for name, pair in part.pairs.items()}
    worst = max((p for p in parts if "worst" in p.pairs), key=lambda p: p.verdict.max_ulp[1], default=None)
    return found | ({"worst": worst.pairs["worst"]} if worst else {})


def packed(part: PartialResult) -> dict[str, Any]:
    """A part as JSON values."""
    return {
        "verdict": _verdict(part.verdict),
        "segments": [[k, error, key] for k, (error, key) in part.segments.items()],
        "claims": [[c.name, c.low.hex(), c.high.hex()] for c in part.ordering.claims],
        "broken": {name: [b.count, b.first] for name, b in part.ordering.broken.items()},
        "ends": [[s, [[k, y.hex()] for k, y in ends]] for s, ends in part.ordering.ends.items()],
        "pairs": {name: [v.hex() for v in pair] for name, pair in part.pairs.items()},
        "changes": dict(part.changes),
        "backend_seconds": part.backend_seconds,
        "seconds": part.seconds,
    }


def unpacked(plain: Mapping[str, Any]) -> PartialResult:
    """The part that `packed` made this of."""
    number = float.fromhex
    ordering = Ordering(tuple(Claim(n, number(low), number(high)) for n, low, high in plain["claims"]))
    ordering.broken.update({name: Broken(count, first) for name, (count, first) in plain["broken"].items()})
    ordering.ends.update({bool(s): [(k, number(y)) for k, y in ends] for s, ends in plain["ends"]})
    segments = {k: (error, key) for k, error, key in plain["segments"]}
    pairs = {name: (number(a), number(b), number(y)) for name, (a, b, y) in plain["pairs"].items()}
    times = plain["backend_seconds"], plain["seconds"]
    return PartialResult(
        _verdict_of(plain["verdict"]), segments, ordering, pairs, dict(plain["changes"]), *times
    )


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        **{name: getattr(verdict, name) for name in _COUNTS},
        "worst": _worst(verdict.worst),
        "worst_scaled": _worst(verdict.worst_scaled),
        "classes": {n: [o.count, o.first, [list(r) for r in o.ranges]] for n, o in verdict.classes.items()},
        "histogram": list(verdict.histogram),
    }


def _verdict_of(plain: Mapping[str, Any]) -> Verdict:
    classes = {
        name: Occurrences(count, first, tuple((a, b) for a, b in ranges))
        for name, (count, first, ranges) in plain["classes"].items()
    }
    return Verdict(
        **{name: plain[name] for name in _COUNTS},
        worst=_worst_of(plain["worst"]),
        worst_scaled=_worst_of(plain["worst_scaled"]),
        classes=classes,
        histogram=tuple(plain["histogram"]),
    )


def _worst(worst: Worst | None) -> list[str] | None:
    if worst is None:
        return None
    return [v.hex() for v in (worst.x, worst.got, worst.expected, *worst.error)]


def _worst_of(plain: list[str] | None) -> Worst | None:
    if plain is None:
        return None
    x, got, expected, low, high = map(float.fromhex, plain)
    return Worst(x, got, expected, (low, high))
