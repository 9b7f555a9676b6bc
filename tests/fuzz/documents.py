"""Documents that were sound once: some of their parts are replaced, removed, doubled or moved."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.expressions import conditions, expressions

#: A way to a part.
Path = tuple[Any, ...]

_numbers = st.one_of(
    st.integers(-(10**6), 10**6),
    st.sampled_from([-1, 2**63, 2**64, 10**30, 10**308, 10**309, -(10**400), 1e308, 5e-324, -0.0]),
    st.floats(),
)
_words = st.one_of(
    st.sampled_from(
        [
            "",
            "*",
            "nan",
            "inf",
            "-inf",
            "0x1p99999",
            "0x1.8p+1023",
            "-0x1p-2000",
            "1e999",
            "null",
            "\u202e",
            "\x1b[31m",
            "<script>",
            "{b}",
            "relu",
            "accuracy",
            "max_ulp",
            "default",
            "2.3.0",
            "1!2",
            "forward",
            "float16",
            "a" * 3000,
        ]
    ),
    st.text(max_size=20),
    expressions,
    conditions,
)
scalars = st.one_of(st.none(), st.booleans(), _numbers, _words)
parts = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_words, inner, max_size=4)),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn, sound: Any, most: int = 3) -> Any:
    """The document with up to so many parts changed."""
    document = copy.deepcopy(sound)
    for _ in range(draw(st.integers(1, most))):
        ways = list(_ways(document))
        if not ways:
            break
        way = draw(st.sampled_from(ways))
        _damage(draw, document, way, ways)
    return document


def _damage(draw: st.DrawFn, document: Any, way: Path, ways: list[Path]) -> None:
    holder, key = _at(document, way[:-1]), way[-1]
    match draw(st.sampled_from(["scalar", "scalar", "part", "remove", "move", "deep", "add"])):
        case "scalar":
            holder[key] = draw(scalars)
        case "part":
            holder[key] = draw(parts)
        case "remove":
            del holder[key]
        case "move":
            holder[key] = copy.deepcopy(_at(document, draw(st.sampled_from(ways))))
        case "deep":
            for _ in range(draw(st.integers(1, 60))):
                holder[key] = [holder[key]]
        case "add" if isinstance(holder, list):
            holder.extend([copy.deepcopy(holder[key])] * draw(st.integers(1, 70)))
        case "add":
            holder[draw(_words)] = draw(parts)


def _ways(part: Any, way: Path = ()) -> Iterator[Path]:
    """The ways to all parts."""
    keys = part.keys() if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for key in keys:
        yield (*way, key)
        yield from _ways(part[key], (*way, key))


def _at(part: Any, way: Path) -> Any:
    for key in way:
        part = part[key]
    return part


@st.composite
def garbled(draw: st.DrawFn, sound: str) -> str:
    """Text with some of its characters or lines changed."""
    lines = sound.splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["remove", "double", "insert", "cut", "swap"])):
            case "remove" if len(lines) > 1:
                del lines[at]
            case "double":
                lines[at] *= draw(st.integers(2, 80))
            case "insert":
                where = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:where] + draw(st.text(max_size=5)) + lines[at][where:]
            case "cut":
                lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
            case _:
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
    return "".join(lines)
