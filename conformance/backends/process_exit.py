"""How a process ended, in words."""

from __future__ import annotations

import re

from actcheck.adapters.exits import exit_text

#: The file through which every call of a backend goes.
_CALLS = "guard/guarded.py"
_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<name>.+)')


def ending(status: int | None) -> str:
    """``killed by SIGSEGV``, ``exit status 3``; what is known of an unknown status."""
    return "how is not known" if status is None else exit_text(status)


def hung(trace: str) -> bool:
    """Whether faulthandler's trace was written because time ran out."""
    return trace.startswith("Timeout")


def judging(trace: str) -> bool:
    """Whether time ran out in the harness's own work: the thread that asked is in no call of the backend."""
    lines = _current(trace)
    whole = not any(line.strip() == "..." for line in lines)
    named = [frame["file"].replace("\\", "/") for frame in map(_FRAME.search, lines) if frame]
    return hung(trace) and whole and bool(named) and not any(file.endswith(_CALLS) for file in named)


def place(trace: str) -> str:
    """``file:line`` of the innermost frame that faulthandler's trace names; nothing where it names none."""
    frame = next((m for m in map(_FRAME.search, _current(trace)) if m), None)
    return f"{frame['file']}:{frame['line']}" if frame else ""


def _current(trace: str) -> list[str]:
    """The lines about the thread that asked, which faulthandler writes last or marks as current."""
    blocks = re.split(r"\n\n|(?=^(?:Current thread|Thread) )", trace, flags=re.MULTILINE)
    marked = [b for b in blocks if b.startswith("Current thread")]
    asking = [b for b in blocks if "in put" in b]
    return (marked or asking or blocks or [""])[0].splitlines()
