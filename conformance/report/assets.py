"""Pages rendered from the package's own templates: self-contained, and without any script but their own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from actcheck import __version__

_TEMPLATES = Path(__file__).parent / "templates"


def rendered(template: str, names: Mapping[str, Any]) -> str:
    """A template as HTML; every name of ``names`` is known in it, and all their text is escaped."""
    css, js = (_asset(name) for name in ("page.css", "page.js"))
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= names
    return environment.get_template(template).render(
        version=__version__, css=css, js=js, icons=_asset("icons.svg"), policy=_policy(css, js)
    )


def _asset(name: str) -> Markup:
    """A file of this package, trusted as the templates are."""
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8").strip())


def _policy(css: str, js: str) -> str:
    """Nothing is loaded and nothing runs but the page's own style sheet and script."""
    style, script = (base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in (css, js))
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )
