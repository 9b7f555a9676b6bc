"""Records that are equal, and hash alike, where their contents are the same, whatever those are."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from functools import cached_property
from typing import Any, ClassVar


class ByContent:
    """For frozen dataclasses with tables in their fields; what is not to be compared is left out.

    Fields must be told apart by their ``repr``, as numbers, text, trees and tables of them are.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @cached_property
    def content(self) -> str:
        """A digest of all fields that are compared: a key for caches, in memory and on disk."""
        compared = [(f.name, getattr(self, f.name)) for f in fields(self) if f.compare]
        held = [(name, v.content if isinstance(v, ByContent) else v) for name, v in compared]
        return hashlib.sha256(repr((type(self).__name__, held)).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.content == other.content

    def __hash__(self) -> int:
        return hash(self.content)
