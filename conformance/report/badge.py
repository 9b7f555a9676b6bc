"""A badge for one backend: ``actcheck: 24/26 strict``."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from actcheck.conformance.results.model import CheckRecord, Results

LABEL = "actcheck"
_COLOURS = {"brightgreen": "#2e7d32", "yellow": "#8a6d00", "orange": "#b45309", "red": "#b3261e"}
#: Advance widths of Verdana at 11 px, by character; others are as wide as a digit.
_WIDTHS = {" ": 3.9, "/": 5.0, ".": 4.0, "i": 3.0, "l": 3.0, "t": 4.3, "r": 4.7, "f": 3.9, "m": 10.7}
_DIGIT = 7.0


@dataclass(frozen=True)
class Badge:
    """How many of the activations conform, under which profile."""

    conforming: int
    total: int
    profile: str
    #: Quantities of which nothing was asked.
    unasked: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The right half of the badge."""
        lacking = "".join(f", no {quantity.replace('_', ' ')}" for quantity in self.unasked)
        return f"{self.conforming}/{self.total} {self.profile}{lacking}"

    @property
    def color(self) -> str:
        """The name that badge services know the colour by."""
        share = self.conforming / self.total if self.total else 0
        return (
            "brightgreen"
            if share == 1
            else "yellow"
            if share >= 0.75
            else "orange"
            if share >= 0.5
            else "red"
        )


def badge(results: Results, profile: str | None = None) -> Badge:
    """The badge of a backend, under the results' own profile or the strict one.

    An activation conforms if at least one of its checks passed and none failed, had an error, or is
    excused as a known deviation. Raises ValueError for a standard badge of strict results.
    """
    profile = profile or results.profile
    if profile == "standard" and results.profile == "strict":
        raise ValueError("results of a strict run cannot tell what the standard profile would pass")
    checks: dict[str, list[CheckRecord]] = defaultdict(list)
    for entry in results.checks:
        checks[entry.activation].append(entry)
    conforming = sum(_conforms(entries, profile) for entries in checks.values())
    return Badge(conforming, len(checks), profile, results.unasked)


def _conforms(entries: list[CheckRecord], profile: str) -> bool:
    passed = any(e.outcome in ("pass", "stale_deviation") for e in entries)
    return passed and all(_clean(e, profile) for e in entries)


def _clean(entry: CheckRecord, profile: str) -> bool:
    if entry.outcome in ("fail", "error", "known_deviation"):
        return False
    return profile == "standard" or entry.grade not in ("scaled", "loose")


def as_json(shown: Badge) -> dict[str, object]:
    """The object that badge services read (https://shields.io/badges/endpoint-badge)."""
    return {"schemaVersion": 1, "label": LABEL, "message": shown.message, "color": shown.color}


def as_svg(shown: Badge) -> str:
    """The badge as an SVG document."""
    left, right = (_width(text) + 10 for text in (LABEL, shown.message))
    whole = {"width": f"{left + right:.0f}", "height": "20", "role": "img"}
    described = f"{LABEL}: {shown.message}"
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **whole, "aria-label": described})
    SubElement(root, "title").text = described
    clip = SubElement(root, "clipPath", {"id": "r"})
    SubElement(clip, "rect", {"width": f"{left + right:.0f}", "height": "20", "rx": "3"})
    halves = SubElement(root, "g", {"clip-path": "url(#r)"})
    SubElement(halves, "rect", {"width": f"{left:.0f}", "height": "20", "fill": "#444b52"})
    fill = {"x": f"{left:.0f}", "width": f"{right:.0f}", "height": "20", "fill": _COLOURS[shown.color]}
    SubElement(halves, "rect", fill)
    font = {"font-family": "Verdana,DejaVu Sans,sans-serif", "font-size": "11", "fill": "#fff"}
    texts = SubElement(root, "g", font | {"text-anchor": "middle"})
    for text, start, width in ((LABEL, 0.0, left), (shown.message, left, right)):
        # The length is given, so that another font does not overflow.
        place = {"x": f"{start + width / 2:.1f}", "y": "14", "textLength": f"{width - 10:.0f}"}
        SubElement(texts, "text", place).text = text
    return tostring(root, encoding="unicode") + "\n"


def _width(text: str) -> float:
    return float(round(sum(_WIDTHS.get(c, _DIGIT) for c in text)))
