"""The properties of calls of multihead attention, and which of them are asked together.

At quick a few calls are chosen among all variants and formats so that every two properties meet; else every
two meet in each variant, format and quantity. A new property is an entry of `FACTORS`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from actcheck.conformance.checks.parts.attention.calls import Properties, Size
from actcheck.conformance.checks.parts.attention.layouts import EXPANDED, LAYOUTS
from actcheck.conformance.checks.parts.attention.masks import CAUSAL, MASKS
from actcheck.conformance.model import Level, Question
from actcheck.conformance.sampling.covering import Row, anything, covering
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Variant

#: What is asked for beside the output, by its words.
SHOWN: Mapping[str, Mapping[str, bool]] = {
    "need_weights=False": {"need_weights": False},
    "average_attn_weights=True": {"average_attn_weights": True},
    "average_attn_weights=False": {"average_attn_weights": False},
}
#: L and S: around the widths of vectors and blocks of kernels, none, more queries and more keys.
LENGTHS = (
    *((3, 5), (4, 4), (1, 7), (7, 1), (1, 1), (2, 8), (9, 8), (16, 3), (17, 17)),
    *((3, 31), (2, 32), (33, 5), (2, 65), (2, 257), (0, 3), (3, 0)),
)
#: num_heads and head_dim; None for those of the variant.
HEADS = (None, (1, 1), (12, 1), (1, 8), (2, 8), (1, 64), (1, 80), (1, 128))
FACTORS: Mapping[str, Sequence[Hashable]] = {
    "mask": (*MASKS, *CAUSAL),
    "lengths": LENGTHS,
    "heads": HEADS,
    "batches": (2, 1, 3, None, 5, 0),
    "inputs": ("apart", "one tensor", "key is value", "query is key", "equal numbers"),
    "layout": (*LAYOUTS, EXPANDED),
    "batch_first": (False, True),
    "numbers": ("ordinary", "large logits"),
    "dropout": (0.0, 0.5),
    "shown": tuple(SHOWN),
}
#: Sizes of a head that make a call dear; quick asks them with these masks and lengths alone.
_WIDE = 32
_WIDE_WITH: dict[str, Sequence[Hashable]] = {
    "mask": ("no mask", "float attn_mask", "is_causal"),
    "lengths": ((3, 5), (4, 4)),
    "batches": (2, 1),
    "numbers": ("ordinary",),
}
#: Masks that are asked with few lengths at quick.
RARE = tuple(name for name in MASKS if any(word in name for word in ("1e9", "low", "another format")))
_RARE_WITH: dict[str, Sequence[Hashable]] = {"lengths": ((3, 5), (4, 4), (2, 8), (16, 3))}
#: Attention weights of a call at quick, all heads and batches.
_MOST = 1_200


def chosen(question: Question, level: Level) -> Iterator[tuple[Properties, str]]:
    """The calls of a question, with what is asked for beside the output."""
    rule = _possible_and_cheap if level == "quick" else possible
    for row in met(question, level, FACTORS, rule, quantities=("forward", "gradient")):
        yield _properties(row), row["shown"]


def met(
    question: Question,
    level: Level,
    factors: Mapping[str, Sequence[Hashable]],
    rule: Callable[[Row], bool] = anything,
    quantities: tuple[str, ...] = (),
) -> list[dict[str, Any]]:
    """The rows of a question, of a choice in which every two levels of the factors meet.

    At quick one choice is made for all variants, formats and quantities, which are factors too; else each
    question has one of its own.
    """
    own = {"variant": question.variant, "format": question.format, "quantity": question.quantity}
    places: dict[str, tuple[Hashable, ...]] = {name: (level,) for name, level in own.items()}
    if level == "quick":
        places |= {"variant": question.spec.variants, "format": tuple(FORMATS)}
        places |= {"quantity": quantities or (question.quantity,)}
    rows = _covering(tuple((name, tuple(levels)) for name, levels in {**factors, **places}.items()), rule)
    return [row for row in rows if own.items() <= row.items()]


@cache
def _covering(factors: tuple[tuple[str, tuple[Hashable, ...]], ...], rule: Callable[[Row], bool]) -> Any:
    return covering(dict(factors), rule)


def possible(row: Row) -> bool:
    """Whether the properties do not exclude each other."""
    given: Any = row
    queries, keys = given.get("lengths", (1, 1))
    same = given.get("inputs", "apart")
    variant = given.get("variant")
    p: Any = {} if variant is None else variant.parameters
    excluded = (
        same in ("one tensor", "query is key", "equal numbers") and queries != keys,
        same in ("one tensor", "equal numbers") and (p.get("kdim") or p.get("vdim")) is not None,
        same == "query is key" and p.get("kdim") is not None,
        same == "key is value" and p.get("kdim") != p.get("vdim"),
        given.get("layout") == EXPANDED and given.get("batches", 2) in (None, 0, 1),
        given.get("layout") == EXPANDED and 0 in (queries, keys),
        given.get("format") == "float16" and "-1e9" in given.get("mask", ""),
        # Both together are beyond binary64, which the bounds are computed in.
        given.get("format") == "float64" and given.get("mask") == "the lowest number twice",
        # No key at all: see `rows`.
        keys == 0 and variant is not None and not appends(variant),
        given.get("numbers") == "large logits" and "lowest" in given.get("mask", ""),
    )
    return not any(excluded)


def appends(variant: Variant) -> bool:
    """Whether there is a key even where none is given."""
    return bool(variant.parameters["add_bias_kv"] or variant.parameters["add_zero_attn"])


def _possible_and_cheap(row: Row) -> bool:
    """Quick leaves out large heads and rare masks with many sizes, and many heads with long sequences."""
    given: Any = row
    heads, size = given.get("heads") or (1, 1)
    queries, keys = given.get("lengths", (1, 1))
    few = (_WIDE_WITH if size >= _WIDE else {}) | (_RARE_WITH if given.get("mask") in RARE else {})
    cheap = heads * queries * keys * (given.get("batches", 1) or 1) <= _MOST
    return cheap and possible(row) and all(given.get(name, few[name][0]) in few[name] for name in few)


def _properties(row: Row) -> Properties:
    given: Any = {name: level for name, level in row.items() if name in FACTORS}
    queries, keys = given.pop("lengths")
    size = Size(queries, keys, given.pop("batches"))
    given.pop("shown")
    return Properties(size, gradients=row["quantity"] == "gradient", **given)
