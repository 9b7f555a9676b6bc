"""Names that stand for no particular thing."""

from __future__ import annotations

#: The format or quantity of a question that has none, such as the one about defaults.
ANY = "any"
