"""Names that stand for no particular thing."""

from __future__ import annotations

import re

#: The format or quantity of a question that has none, such as the one about defaults.
ANY = "any"


def of_program(command: str) -> str:
    """The name under which the registry of adapters finds a program that is asked over pipes."""
    return f"command:{command}"


def of_folder(path: object) -> str:
    """The name under which it finds the results in a folder of questions."""
    return f"folder:{path}"


def of_file(*words: str) -> str:
    """Words as the name of a file or folder in a place: ``gelu-approximate=tanh-float32-forward``."""
    return re.sub(r"[^A-Za-z0-9_.,=+-]", "_", "-".join(words))
