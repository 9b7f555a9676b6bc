"""Pictures of an activation and its derivative, as in the article: SVG, or PNG through matplotlib."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from actcheck.conformance.pictures.curves import LEFT, RIGHT, Curve, curve, simplified
from actcheck.reference.specification.model import Spec, Variant

WIDTH, HEIGHT = 400, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 34, 40
#: What the horizontal axis is, where it is not simply the input.
_ALONG = {
    "gated": "second half of the input, where the first is 1",
    "concatenating": "input (both halves of the output)",
    "random": "input (training)",
    "normalizing": "an element of a row, the other one is 0",
}
#: The article's colours on white, for pictures that stand alone.
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:14px;fill:#111}"
    ".grid{stroke:#d5d8dc;fill:none}.zero{stroke:#9aa1a9;fill:none}.frame{stroke:#9aa1a9;fill:none}"
    ".curve{stroke:#1f5fd0;stroke-width:2;fill:none;stroke-linejoin:round}"
)


@dataclass(frozen=True)
class Panel:
    """One curve with its title."""

    title: str
    curve: Curve
    xlabel: str = "input"

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of the y axis: the curve with a little room around it."""
        low, high = self.curve.heights
        room = 0.06 * (high - low) or 0.5
        return low - room, high + room


def title(spec: Spec, variant: Variant) -> str:
    """The picture's title with the parameters filled in, such as ``ELU(alpha=1.0)``."""
    values = variant.parameters
    return re.sub(r"\{(\w+)\}", lambda m: str(values[m[1]]) if m[1] in values else m[0], spec.plot_title)


def panels(spec: Spec, variant: Variant) -> tuple[Panel, Panel]:
    """The activation and its derivative. Raises `curves.NoCurveError` where there is none."""
    along = _ALONG.get(spec.kind, "input")
    return (
        Panel(title(spec, variant), curve(spec, variant), along),
        Panel("derivative", curve(spec, variant, "gradient"), along),
    )


def ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Round values between two ends, about so many, a step of 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * s for s in (1, 2, 5, 10) if power * s >= rough)
    return [step * i for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def svg(panel: Panel, described: str) -> str:
    """One panel as an SVG element for a page, coloured by the page's style sheet."""
    size = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": described, "class": "plot"}
    root = Element("svg", size)
    _draw(root, panel)
    return tostring(root, encoding="unicode")


def svg_file(shown: Sequence[Panel]) -> str:
    """Panels beside each other as an SVG document that stands alone."""
    total = WIDTH * len(shown)
    size = {"width": str(total), "height": str(HEIGHT), "viewBox": f"0 0 {total} {HEIGHT}", "role": "img"}
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size})
    SubElement(root, "title").text = ", ".join(p.title for p in shown)
    SubElement(root, "style").text = _STYLE
    SubElement(root, "rect", {"width": str(total), "height": str(HEIGHT), "fill": "#fff"})
    for index, panel in enumerate(shown):
        _draw(SubElement(root, "g", {"transform": f"translate({WIDTH * index} 0)"}), panel)
    return tostring(root, encoding="unicode") + "\n"


def png_file(shown: Sequence[Panel], path: Path) -> None:
    """Panels beside each other as a PNG. Raises ImportError without matplotlib."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - an optional extra
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(4.8 * len(shown), 3.6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    for axes, panel in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        for line in panel.curve.lines:
            axes.plot(*zip(*line, strict=True), color="#1f5fd0")
        axes.set(title=panel.title, xlabel=panel.xlabel, xlim=(LEFT, RIGHT), ylim=panel.bounds)
        axes.set_xticks(range(-6, 7, 2))
        axes.grid(visible=True, color="#d5d8dc")
    figure.savefig(path, format="png", metadata={"Software": None})


def _draw(parent: Element, panel: Panel) -> None:
    low, high = panel.bounds

    def across(x: float) -> float:
        return _LEFT + (x - LEFT) / (RIGHT - LEFT) * (WIDTH - _LEFT - _RIGHT)

    def down(y: float) -> float:
        return HEIGHT - _BOTTOM - (y - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM)

    columns, rows = [float(x) for x in range(-6, 7, 2)], ticks(low, high)
    vertical = "".join(f"M{across(x):.1f} {_TOP}V{HEIGHT - _BOTTOM}" for x in columns if x)
    horizontal = "".join(f"M{_LEFT} {down(y):.1f}H{WIDTH - _RIGHT}" for y in rows if y)
    SubElement(parent, "path", {"class": "grid", "d": vertical + horizontal})
    zero = f"M{_LEFT} {down(0):.1f}H{WIDTH - _RIGHT}" if low < 0 < high else ""
    SubElement(parent, "path", {"class": "zero", "d": f"M{across(0):.1f} {_TOP}V{HEIGHT - _BOTTOM}{zero}"})
    lines = [simplified(tuple((across(x), down(y)) for x, y in line), 0.08) for line in panel.curve.lines]
    SubElement(parent, "path", {"class": "curve", "d": "".join(_path(line) for line in lines)})
    _texts(parent, panel, [(across(x), x) for x in columns], [(down(y), y) for y in rows])


def _path(line: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in line)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _texts(
    parent: Element, panel: Panel, columns: list[tuple[float, float]], rows: list[tuple[float, float]]
) -> None:
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    _text(parent, (middle, 22), panel.title, {"text-anchor": "middle", "class": "title"})
    for x, value in columns:
        _text(parent, (x, HEIGHT - _BOTTOM + 16), _label(value), {"text-anchor": "middle"})
    for y, value in rows:
        _text(parent, (_LEFT - 6, y + 4), _label(value), {"text-anchor": "end"})
    _text(parent, (middle, HEIGHT - 6), panel.xlabel, {"text-anchor": "middle"})


def _text(parent: Element, at: tuple[float, float], content: str, attributes: dict[str, str]) -> None:
    place = {"x": _short(at[0]), "y": _short(at[1])}
    SubElement(parent, "text", place | attributes).text = content


def _label(value: float) -> str:
    return f"{value:.6g}".replace("-", "−") if value else "0"
