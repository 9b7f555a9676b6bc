"""Small charts drawn as SVG: the largest error over the float line, and the histogram of errors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.report.page_numbers import ulp
from actcheck.conformance.results.fault_records import RangeRecord
from actcheck.conformance.results.model import SegmentRecord
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.verdict import EDGES

WIDTH, HEIGHT = 560, 150
_X0, _X1, _TOP, _BASE = 44, 552, 8, 124
#: Heights of the error axis as powers of ten: the first that holds the error is taken. A float
#: holds no higher one; what lies above is drawn at the top.
_TOPS = (1, 2, 4, 8, 16, 40, 308)
_FLOOR = -1  # the axis begins at a tenth of an ULP
#: Decades between two places on the axis of inputs: the largest that leaves room for two.
_DECADES = (1, 2, 5, 10, 15, 20, 50, 100, 150)


@dataclass(frozen=True)
class Drawn:
    """What a chart of errors shows."""

    format_name: str
    #: Runs of inputs with their largest errors, of all variants.
    segments: Sequence[SegmentRecord]
    #: Single inputs with their errors, where no segments are known.
    points: Sequence[tuple[float, float]]
    #: Inputs with an answer of a wrong class.
    ranges: Sequence[RangeRecord]
    budget: float | None
    #: How the largest error is known: ``proven`` for all inputs, or ``seen`` among some.
    known: str


def across(form: Format, value: float) -> float:
    """The place of a float on the axis: its key, so that every binade is equally wide."""
    return float(_places_of(form, [value])[0])


def _places_of(form: Format, values: Sequence[float]) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        keys = form.keys(np.array(values, np.float64).astype(form.dtype))
    shares = (keys + form.infinity_key + 1) / (2 * form.infinity_key + 1)
    return _X0 + np.clip(shares, 0.0, 1.0) * (_X1 - _X0)


def down(error: float, top: int) -> float:
    """The height of an error on the logarithmic axis that ends at 10**top."""
    level = min(max(math.log10(error), _FLOOR), top) if error > 0 else _FLOOR
    return _BASE - (level - _FLOOR) / (top - _FLOOR) * (_BASE - _TOP)


def axes() -> str:
    """The axes that all charts share, as SVG symbols to be used by their ids."""
    root = Element("svg", {"class": "defs", "aria-hidden": "true"})
    for name, form in FORMATS.items():
        _across_axis(SubElement(root, "symbol", {"id": f"Ax-{name}"}), form)
    for top in _TOPS:
        _up_axis(SubElement(root, "symbol", {"id": f"Ay-{top}"}), top)
    _bins(SubElement(root, "symbol", {"id": "Ah"}))
    return tostring(root, encoding="unicode")


def _across_axis(symbol: Element, form: Format) -> None:
    shown = [(across(form, place), place) for place in _places(form)]
    SubElement(symbol, "path", {"class": "grid", "d": "".join(f"M{x:.0f} {_TOP}V{_BASE}" for x, _ in shown)})
    for x, place in shown:
        if place == 0 or abs(x - across(form, 0.0)) > 44:
            _text(symbol, x, HEIGHT - 8, _exponent(place), "middle")


def _places(form: Format) -> list[float]:
    """Powers of ten of both signs that lie well apart on the axis, and zero."""
    step = max((d for d in _DECADES if d <= math.log10(form.largest) / 2), default=1)
    powers = [10.0 ** (step * k) for k in (-2, -1, 0, 1, 2)]
    kept = [p for p in powers if form.smallest_normal <= p <= form.largest]
    return [*(-p for p in reversed(kept)), 0.0, *kept]


def _up_axis(symbol: Element, top: int) -> None:
    step = max(1, (top - _FLOOR) // 3)
    levels = list(range(0, top + 1, step))
    lines = "".join(f"M{_X0} {down(10.0**n, top):.0f}H{_X1}" for n in levels)
    SubElement(symbol, "path", {"class": "grid", "d": f"{lines}M{_X0} {_BASE}H{_X1}"})
    for level in levels:
        _text(symbol, _X0 - 5, down(10.0**level, top) + 4, _exponent(10.0**level), "end")


def _exponent(value: float) -> str:
    """1, 100, 1e8, -1e30: short enough for an axis."""
    size = abs(value)
    shown = f"{size:g}" if 0.01 <= size <= 1e4 or size == 0 else f"1e{round(math.log10(size))}"
    return f"−{shown}" if value < 0 else shown


def errors(drawn: Drawn, columns: int) -> str:
    """The largest error against the input, over the whole float line, with the budget."""
    form = FORMATS[drawn.format_name]
    finite = [e for e in _sizes(drawn) if math.isfinite(e)]
    largest = max([*finite, drawn.budget or 0, 1.0])
    top = next((t for t in _TOPS if largest <= 10.0**t), _TOPS[-1])
    root = _chart(f"Ax-{form.name}", f"Ay-{top}")
    for run in drawn.ranges:
        left, right = across(form, run.low), across(form, run.high)
        band = {"x": f"{left:.1f}", "y": str(_TOP), "width": f"{max(right - left, 1.5):.1f}"}
        SubElement(root, "rect", {"class": "wrong", **band, "height": str(_BASE - _TOP)})
    if drawn.segments:
        SubElement(root, "path", {"class": "area", "d": _steps(form, drawn.segments, top, columns)})
    for x, error in () if drawn.segments else drawn.points:
        place = {"cx": f"{across(form, x):.1f}", "cy": f"{down(error, top):.1f}", "r": "3"}
        SubElement(root, "circle", {"class": "dot", **place})
    if drawn.budget:
        y = f"{down(drawn.budget, top):.1f}"
        SubElement(root, "path", {"class": "budget", "d": f"M{_X0} {y}H{_X1}"})
    return tostring(root, encoding="unicode")


def _sizes(drawn: Drawn) -> list[float]:
    return [*(s.ulp for s in drawn.segments), *(error for _, error in drawn.points)]


def _steps(form: Format, segments: Sequence[SegmentRecord], top: int, columns: int) -> str:
    """The outline of the largest error in each of so many columns, in whole units."""
    width = (_X1 - _X0) / columns
    heights: list[float | None] = [None] * columns
    ends = ([s.low for s in segments], [s.high for s in segments])
    firsts, lasts = (np.minimum((_places_of(form, e) - _X0) // width, columns - 1).astype(int) for e in ends)
    for segment, first, last in zip(segments, firsts.tolist(), lasts.tolist(), strict=True):
        for column in range(first, last + 1):
            heights[column] = max(heights[column] or 0.0, segment.ulp)
    return "".join(_runs([None if h is None else round(down(h, top)) for h in heights], width))


def _runs(levels: Sequence[int | None], width: float) -> Iterable[str]:
    """Closed shapes over runs of known columns; equal neighbours are one step."""
    open_at: int | None = None
    for column, level in enumerate([*levels, None]):
        before = levels[column - 1] if column else None
        x = round(_X0 + column * width)
        if level == before:
            continue
        if level is None:
            yield f"H{x}V{_BASE}z"
            open_at = None
        elif open_at is None:
            open_at = column
            yield f"M{x} {_BASE}V{level}"
        else:
            yield f"H{x}V{level}"


def histogram(counts: Sequence[int]) -> str:
    """How many points have which error: a bar for each bin of `verdict.EDGES`, on a log scale."""
    root = _chart("Ah")
    top = math.log10(max(*counts, 10))
    width = (_X1 - _X0) / len(counts)
    bars = []
    for index, count in enumerate(counts):
        if count:
            height = max(2, round(math.log10(count + 1) / (top + 0.3) * (_BASE - _TOP)))
            bars.append(f"M{round(_X0 + index * width) + 2} {_BASE}v-{height}h{round(width) - 4}v{height}z")
    SubElement(root, "path", {"class": "bars", "d": "".join(bars)})
    return tostring(root, encoding="unicode")


def _bins(symbol: Element) -> None:
    width = (_X1 - _X0) / (len(EDGES) + 1)
    SubElement(symbol, "path", {"class": "grid", "d": f"M{_X0} {_BASE}H{_X1}"})
    for index, edge in enumerate(EDGES):
        shown = f"{edge:g}" if edge < 1e5 else "2^20"
        _text(symbol, _X0 + (index + 1) * width, HEIGHT - 8, shown.removeprefix("0"), "middle")


def _chart(*used: str) -> Element:
    # What it shows is said by its caption and by the table below it.
    root = Element("svg", {"class": "chart", "viewBox": f"0 0 {WIDTH} {HEIGHT}", "aria-hidden": "true"})
    for name in used:
        SubElement(root, "use", {"href": f"#{name}"})
    return root


def _text(parent: Element, x: float, y: float, content: str, anchor: str) -> None:
    # A class of its own: rules that name an ancestor do not reach into what is used.
    place = {"class": f"t {anchor}", "x": f"{x:.0f}", "y": f"{y:.0f}"}
    SubElement(parent, "text", place).text = content


def caption(drawn: Drawn, quantity: str) -> str:
    """A chart of errors in words."""
    largest = max(_sizes(drawn), default=0.0)
    budget = f", budget {drawn.budget:g}" if drawn.budget is not None else ""
    each = "" if drawn.segments else " of each variant"
    return f"Largest error{each}, {quantity}: {ulp(largest)} ULP, {drawn.known}{budget}"
