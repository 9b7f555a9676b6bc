"""Names that stand for no particular thing."""

from __future__ import annotations

#: The format or quantity of a question that has none, such as the one about defaults.
ANY = "any"


def of_program(command: str) -> str:
    """The name under which the registry of adapters finds a program that is asked over pipes."""
    return f"command:{command}"


def of_folder(path: object) -> str:
    """The name under which it finds the results in a folder of questions."""
    return f"folder:{path}"
