"""Texts of others, as far as anybody reads: they may be long, and that of an exception may fail."""

from __future__ import annotations

#: Characters of what an exception says.
_LONGEST = 4000


def shortened(text: str, most: int) -> str:
    """A text, with dots in the place of what is beyond so many characters."""
    return text if len(text) <= most else f"{text[:most]}..."


def printable(text: str) -> str:
    """A text in which nothing moves what surrounds it: other than printable characters by their escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def text_of(error: BaseException) -> str:
    """An exception's text; some have none."""
    try:
        text = str(error)
    except Exception as failed:  # whatever its own code raises
        return f"its text cannot be had ({type(failed).__name__})"
    return shortened(text, _LONGEST)
