"""The text of what code of others raises, which may be long, and may fail."""

from __future__ import annotations

#: Nobody reads more of a text.
_LONGEST = 4000


def text_of(error: BaseException) -> str:
    """An exception's text, as far as anybody reads; some have none."""
    try:
        text = str(error)
    except Exception as failed:  # whatever its own code raises
        return f"its text cannot be had ({type(failed).__name__})"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
