"""An extension of griffe: examples in docstrings are code, which Markdown would take for quotations."""

from __future__ import annotations

import re
from typing import Any

from griffe import Docstring, Extension, Object

#: A prompt with all that follows it up to an empty line.
_EXAMPLE = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)
_OPTION = re.compile(r" *# doctest: .*")


class Examples(Extension):
    """Puts each example between fences, without the options that only its test needs."""

    def on_instance(self, *, obj: Object, **_: Any) -> None:
        """Turn the docstring of an object."""
        if obj.docstring:
            obj.docstring = Docstring(fenced(obj.docstring.value), parent=obj)


def fenced(text: str) -> str:
    """A docstring with its examples between fences."""
    return _EXAMPLE.sub(lambda m: f"```pycon\n{_OPTION.sub('', m[0])}\n```", text)
