"""Draws the rooms of this repository from its imports: ``python docs/draw_rooms.py`` writes docs/rooms.svg.

Each folder of reference/, adapters/ and conformance/ (and each module that lies beside them) is a room; it
stands one level above the highest of those that it imports. ``--check`` says whether the picture is up to
date.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from html import escape
from pathlib import Path

import grimp

PICTURE = Path(__file__).with_name("rooms.svg")
HOUSES = ("conformance", "adapters", "reference")
_WIDE, _HIGH, _GAP, _LEFT, _TOP = 132, 34, 10, 150, 26
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.house { font-weight: 600; }
.count { font-size: 10px; fill: #59636e; }
rect { fill: #f6f8fa; stroke: #8c959f; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .count { fill: #9198a1; } rect { fill: #151b23; stroke: #656c76; }
}
"""

Rooms = dict[str, set[str]]


def rooms(house: str, graph: grimp.ImportGraph) -> Rooms:
    """Each room of a house, and those of the same house that it imports."""
    package = f"actcheck.{house}"
    found: Rooms = {name.removeprefix(f"{package}."): set() for name in graph.find_children(package)}
    for module in graph.find_descendants(package):
        for imported in graph.find_modules_directly_imported_by(module):
            here, there = (name.removeprefix(f"{package}.").split(".")[0] for name in (module, imported))
            if imported.startswith(f"{package}.") and here != there:
                found[here].add(there)
    return found


def levels(given: Mapping[str, set[str]]) -> dict[str, int]:
    """The level of each room: 1 for those that import no other. Raises ValueError where there is a circle."""
    known: dict[str, int] = {}
    while len(known) < len(given):
        ready = [name for name in given if name not in known and given[name] <= known.keys()]
        if not ready:
            raise ValueError(f"rooms import each other: {', '.join(sorted(given.keys() - known.keys()))}")
        known |= {name: 1 + max((known[below] for below in given[name]), default=0) for name in ready}
    return known


def picture(graph: grimp.ImportGraph) -> str:
    """The picture as SVG: one band a house, one row a level."""
    parts, y, right = list[str](), _TOP, 0
    for house in HOUSES:
        given = rooms(house, graph)
        rows = defaultdict(list)
        for name, level in levels(given).items():
            rows[level].append(name)
        parts.append(f'<text class="house" x="12" y="{y + 22}">{house}/</text>')
        for level in sorted(rows, reverse=True):
            for column, name in enumerate(sorted(rows[level])):
                x = _LEFT + column * (_WIDE + _GAP)
                right = max(right, x + _WIDE)
                parts.append(_room(x, y, name, _size(graph, house, name), given[name]))
            y += _HIGH + _GAP
        y += 2 * _GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right + 12} {y}" role="img">'
    title = "<title>Rooms by level: each imports only from rows below it</title>"
    return "\n".join([head, title, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


def _room(x: int, y: int, name: str, size: int, imported: set[str]) -> str:
    told = f"{name} imports {', '.join(sorted(imported)) or 'none of these'}"
    count = f"{size} modules" if size > 1 else "1 module"
    return (
        f"<g><title>{escape(told)}</title>"
        f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="4"/>'
        f'<text x="{x + 8}" y="{y + 15}">{escape(name)}</text>'
        f'<text class="count" x="{x + 8}" y="{y + 28}">{count}</text></g>'
    )


def _size(graph: grimp.ImportGraph, house: str, name: str) -> int:
    inside = graph.find_descendants(f"actcheck.{house}.{name}")
    packages = {module for module in inside if graph.find_children(module)}
    return len(inside - packages) or 1


def main() -> int:
    """Write the picture, or say whether it is the one that there is; 1 where it is not."""
    made = picture(grimp.build_graph("actcheck", cache_dir=None))
    if "--check" in sys.argv[1:]:
        return int(not PICTURE.is_file() or PICTURE.read_text("utf-8") != made)
    PICTURE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
