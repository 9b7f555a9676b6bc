"""What the page of an activation shows: its specification, typeset, drawn and told in words.

Templates make HTML that is escaped; its lines are joined, since Markdown reads what begins a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from backend_results import rows
from derivatives import Derivative, derivatives, slopes
from deviation_rows import deviation_lists
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from actcheck.conformance.commands.show import parameters_text, rules
from actcheck.conformance.pictures import mathml
from actcheck.conformance.report.sections import Described, described
from actcheck.reference.specification.model import Limits, Scale, Spec

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_NAMES = {"forward": "function", "gradient": "derivative"}
_BREAKS = re.compile(r"[ \t\r\n]+")
#: What a template puts where a section of the page begins; no text of a specification can hold it, escaped.
_SECTION = re.compile(r"<section-break>(.*?)</section-break>")


def activation_page(spec: Spec) -> str:
    """The page of an activation, as Markdown with HTML in it."""
    return _page(
        "activation.html",
        spec=spec,
        told=described(spec),
        derivatives=[] if spec.formula else list(_told(derivatives(spec))),
        slopes=slopes(spec),
        limits=[(_name(q), *_sides(limits)) for q, limits in spec.limits.items()],
        rules=list(rules(spec)),
        scales=[(_name(q), scale.because, _scale(scale)) for q, scale in spec.scale.items()],
        parameters_text=parameters_text,
        deviations=deviation_lists(spec),
        results=rows(spec),
    )


def overview_page(groups: Sequence[tuple[str, Sequence[Spec]]]) -> str:
    """The page that shows all activations, as Markdown with HTML in it."""
    shown: list[tuple[str, list[Described]]] = [(name, [*map(described, specs)]) for name, specs in groups]
    return _page("overview.html", groups=shown)


def _page(template: str, **given: Any) -> str:
    made = _BREAKS.sub(" ", _TEMPLATES.get_template(template).render(given))
    # A heading is Markdown, so that it is in the table of contents.
    return _SECTION.sub(r"\n\n## \1\n\n", made)


def _told(found: Sequence[Derivative]) -> Iterator[tuple[str, Markup]]:
    for one in found:
        yield one.words, Markup(mathml.definition(one.name, one.over, one.pieces))


def _name(quantity: str) -> str:
    return _NAMES.get(quantity, quantity.replace("_", " "))


def _sides(limits: Limits) -> tuple[Markup, Markup]:
    return Markup(mathml.cases(limits.minus_infinity)), Markup(mathml.cases(limits.plus_infinity))


def _scale(scale: Scale) -> Markup:
    return Markup(mathml.cases(scale.cases))
