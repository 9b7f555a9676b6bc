"""Which variants are asked for which quantities in which formats: all, or a choice in which all meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from actcheck.conformance.model import Level, Question
from actcheck.conformance.sampling.covering import covering
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec

QUANTITIES = ("forward", "gradient", "second_derivative")
#: A quantity and a format.
Kind = tuple[str, str]


def everywhere(
    check: str, spec: Spec, level: Level, quantities: Sequence[str] = QUANTITIES
) -> Iterator[Question]:
    """Of an element-wise or normalizing activation every quantity that has a budget; see `asked`."""
    if spec.elementwise or spec.kind == "normalizing":
        yield from asked(check, spec, level, tuple(q for q in quantities if q in spec.accuracy))


def asked(
    check: str, spec: Spec, level: Level, quantities: tuple[str, ...], always: tuple[Kind, ...] = ()
) -> Iterator[Question]:
    """Everything of the defaults; beyond quick, of every variant.

    Quick asks of the other variants what is asked ``always``, and so much more that each of them comes in
    every format and with every quantity.
    """
    chosen = _chosen(len(spec.variants), quantities, always)
    for at, variant in enumerate(spec.variants):
        for quantity in quantities:
            for form in FORMATS:
                if level != "quick" or (at, quantity, form) in chosen:
                    yield Question(check, spec, variant, form, quantity)


def thinned(question: Question, level: Level) -> bool:
    """Whether a question is one of many of its kind, so that it may ask less: quick's of other variants."""
    return level == "quick" and question.variant != question.spec.default


def turn(question: Question) -> int:
    """The number of the question's format: what quick shares out among the formats begins there."""
    return tuple(FORMATS).index(question.format)


@lru_cache(maxsize=256)
def _chosen(
    variants: int, quantities: tuple[str, ...], always: tuple[Kind, ...]
) -> frozenset[tuple[int, str, str]]:
    """What quick asks: the number of the variant, of which the first is the default, quantity, format."""
    factors = {"variant": range(variants), "quantity": quantities, "format": tuple(FORMATS)}
    first = [
        {"variant": v, "quantity": q, "format": f}
        for v in range(variants)
        for q in quantities
        for f in FORMATS
        if v == 0 or (q, f) in always
    ]
    rows = covering(factors, first=first)
    return frozenset((int(str(r["variant"])), str(r["quantity"]), str(r["format"])) for r in rows)
