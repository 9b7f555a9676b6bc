"""What a task of a sweep found, how it is written down, and how parts add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from typing import Any

import cattrs

from actcheck.reference.judging.verdict import Verdict, merged
from actcheck.reference.sweeping.claims import Broken, Claim, Ordering


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
    plain: dict[str, Any] = _CONVERTER.unstructure(part)
    return plain


def unpacked(plain: Mapping[str, Any]) -> PartialResult:
    """The part that `packed` made this of."""
    return _CONVERTER.structure(plain, PartialResult)


def _ordering(ordering: Ordering) -> dict[str, Any]:
    ends = [ordering.ends.get(positive, []) for positive in (False, True)]
    broken = {name: asdict(broken) for name, broken in ordering.broken.items()}
    return {"claims": [astuple(c) for c in ordering.claims], "broken": broken, "ends": ends}


def _ordering_of(plain: Mapping[str, Any], _: type[Ordering]) -> Ordering:
    made = Ordering(tuple(Claim(*claim) for claim in plain["claims"]))
    made.broken.update({name: Broken(**broken) for name, broken in plain["broken"].items()})
    ends = enumerate(plain["ends"])
    made.ends.update({bool(sign): [(key, y) for key, y in pairs] for sign, pairs in ends if pairs})
    return made


_CONVERTER = cattrs.Converter()
_CONVERTER.register_unstructure_hook(Ordering, _ordering)
_CONVERTER.register_structure_hook(Ordering, _ordering_of)
