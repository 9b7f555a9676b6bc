"""A backend for sampled sweeps: tanh of numpy, wrong in one binade, and a log of what it is asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from actcheck.adapters.base import Adapter, Description


class Sampled(Adapter):
    """tanh alone, in float64. It logs the second input of each call to the file named by SAMPLE_LOG, and
    fails where SAMPLE_FAIL_AFTER lines are there."""

    name = "sampled"

    def describe(self) -> Description:
        """Float64 alone."""
        return Description("sampled", "1", "cpu", ("float64",))

    def functions(self) -> Any:
        """tanh."""
        return {"tanh": tanh}


def tanh(x: Any) -> Any:
    """tanh, but for the planted fault: zero for 2^-5 <= x < 2^-4, and 40 units too large below."""
    y = np.tanh(x)
    _note(x)
    y = np.where((x >= 2.0**-5) & (x < 2.0**-4), 0.0, y)
    return np.where((x >= 2.0**-6) & (x < 2.0**-5), y * (1 + 40 * 2.0**-52), y)


def _note(x: Any) -> None:
    path = os.environ.get("SAMPLE_LOG")
    if path and len(x) > 1000:
        with Path(path).open("a+", encoding="ascii") as log:
            log.write(f"{float(x[1]).hex()}\n")
            log.seek(0)
            lines = sum(1 for _ in log)
        if 0 < int(os.environ.get("SAMPLE_FAIL_AFTER", "0")) < lines:
            raise RuntimeError("enough")
