"""How a process ended, in words."""

from __future__ import annotations

import signal


def exit_text(status: int) -> str:
    """``exit status 3``, ``killed by SIGSEGV``; the status is as `subprocess` tells it."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
