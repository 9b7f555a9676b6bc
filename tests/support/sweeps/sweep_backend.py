"""A quick backend for sweeps, with one result two units off, and a log of what it is asked."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Description

#: The planted fault: relu of this input is two units too large.
PATTERN = 0x3FCDEF12


class Single(Adapter):
    """relu alone. It logs the first input of each call to the file named by SWEEP_LOG, and kills the process
    that gives out the work at a call that finds SWEEP_KILL_AT lines there."""

    name = "single"

    def describe(self) -> Description:
        """Float32 alone."""
        return Description("single", "1", "cpu", ("float32",))

    def functions(self) -> Any:
        """relu."""
        return {"relu": relu}


def relu(x: Any) -> Any:
    """relu, but for the planted fault."""
    y = np.maximum(x, np.float32(0))
    if len(x) > 1:
        _note(x)
        first = int(x[:1].view(np.int32)[0])
        if first <= PATTERN < first + len(x):
            y[PATTERN - first] = np.uint32(PATTERN + 2).view(np.float32)
    return y


def _note(x: Any) -> None:
    path = os.environ.get("SWEEP_LOG")
    if path:
        with Path(path).open("a+", encoding="ascii") as log:
            log.write(f"{x[:1].view(np.uint32)[0]:08x}\n")
            log.seek(0)
            lines = sum(1 for _ in log)
        if 0 < int(os.environ.get("SWEEP_KILL_AT", "0")) <= lines:
            os.kill(os.getppid(), signal.SIGKILL)
