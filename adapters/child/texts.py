"""What a program wrote, as part of a message: escaped, in one line, and cut."""

from __future__ import annotations

from actcheck.adapters.raised import printable


def shown(raw: bytes, most: int = 80) -> str:
    """The beginning of some bytes in quotes; what is no printable text is escaped."""
    text = ascii_of(raw[: most + 1])
    return f"'{text[:most]}...'" if len(raw) > most or len(text) > most else f"'{text}'"


def ending(raw: bytes, most: int = 300) -> str:
    """The last lines of some bytes, joined by ``|``; nothing where there are none."""
    lines = [ascii_of(line.strip()) for line in raw[-4 * most :].splitlines() if line.strip()]
    told = " | ".join(lines[-3:])
    return told if len(told) <= most else f"...{told[-most:]}"


def ascii_of(raw: bytes) -> str:
    """Bytes as text: printable characters as they are, all others as escapes."""
    return printable(raw.decode("utf-8", "backslashreplace"))
