"""A hook of mkdocs: ``![what it shows](picture:name)`` is a picture that is drawn when the site is built.

It becomes part of the page, so that its colours are those of the page, light or dark.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from io import StringIO
from typing import Any

from certificate_pictures import cover, segment
from drawn import COLOURS, INK, float_line, formulas
from matplotlib import rc_context
from mkdocs.plugins import get_plugin_logger

_LOG = get_plugin_logger("pictures")
_PICTURES = {picture.__name__: picture for picture in (float_line, formulas, cover, segment)}
_PICTURE = re.compile(r"!\[([^\]]+)\]\(picture:(\w+)\)")
#: What matplotlib writes around the drawing: its rules of style would hold for the whole page.
_DROPPED = re.compile(r"^.*?(?=<svg)|<metadata>.*?</metadata>|<style.*?</style>|(?<=<g) id=\"[^\"]*\"", re.S)
_INKED = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color", "grid.color")
_STYLE: dict[Any, Any] = dict.fromkeys(_INKED, INK)
_STYLE |= {"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 11}


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the pictures in."""
    return _PICTURE.sub(_figure, markdown)


def _figure(found: re.Match[str]) -> str:
    words, name = found.groups()
    if name not in _PICTURES:
        _LOG.warning("there is no picture %s; there are %s", name, ", ".join(_PICTURES))
        return found[0]
    caption = f"<figcaption>{escape(words)}</figcaption>"
    return f'<figure class="drawn" role="img" aria-label="{escape(words)}">{_svg(name)}{caption}</figure>'


@cache
def _svg(name: str) -> str:
    """A picture as one line of SVG."""
    written = StringIO()
    with rc_context(_STYLE | {"svg.hashsalt": name}):
        _PICTURES[name]().savefig(written, format="svg", transparent=True)
    made = " ".join(_DROPPED.sub("", written.getvalue()).split())
    for colour, named in COLOURS.items():
        made = made.replace(colour, named)
    return made
