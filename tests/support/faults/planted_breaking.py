"""Backends that break or misbehave, to be named on the command line: ``planted_breaking.py:Broken``."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from actcheck.adapters.base import Description, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter


class Broken(NumpyAdapter):
    """Raises for relu, exits for silu, dies for mish, hangs for tanh, and prints all the while."""

    name = "broken"

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        print("junk\x1b[31m {}] on standard output", flush=True)
        os.write(1, b"more junk\n\xff\x00")
        sys.stderr.write("junk on standard error\n")
        match activation:
            case "relu":
                raise RuntimeError("no kernel for this")
            case "silu":
                sys.exit(3)
            case "mish":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "sigmoid":
                os._exit(7)
            case "tanh":
                threading.Event().wait()
        return super().call(activation, x, parameters)


class Deadly(NumpyAdapter):
    """Dies where a second derivative is asked."""

    name = "deadly"

    def second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        os._exit(7)


class Killed(NumpyAdapter):
    """Is killed once, when it is asked about relu; a file in the folder of ``ACTCHECK_PLANTED`` says so."""

    name = "killed"

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        once = Path(os.environ["ACTCHECK_PLANTED"], "killed")
        if activation == "relu" and not once.exists():
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().call(activation, x, parameters)


class Forward(NumpyAdapter):
    """Has no derivatives."""

    name = "forward"

    def gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        return Unsupported(f"{self.name} computes no gradients")

    def second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        return Unsupported(f"{self.name} computes no second derivatives")


class Closing(NumpyAdapter):
    """Has something to do when its process ends: it leaves a file in the folder of ``ACTCHECK_PLANTED``."""

    name = "closing"

    def __init__(self) -> None:
        atexit.register(Path(os.environ["ACTCHECK_PLANTED"], str(os.getpid())).touch)


class Hostile(NumpyAdapter):
    """A name, a version and messages that would like to be more than text."""

    name = "<script>alert(1)</script>\x1b[31m\n../../../etc/[red]"

    def describe(self) -> Description:
        return Description(self.name, "1.0[/]\x1b[0m", "cpu", details={"a\x07": "[link=x]b"})

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        if activation == "silu":
            raise RuntimeError(self.name)
        return Unsupported(self.name) if activation == "mish" else super().call(activation, x, parameters)


class Interrupting(NumpyAdapter):
    """Notes the activations it is asked about; at the third, it ends the process above, once.

    ``ACTCHECK_PLANTED`` names the folder, the signal, and how many times it is sent.
    """

    name = "interrupting"

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        folder, number, times = os.environ["ACTCHECK_PLANTED"].split(":")
        asked, ended = Path(folder, "asked"), Path(folder, "ended")
        known = asked.read_text().split() if asked.exists() else []
        if activation not in known:
            asked.write_text("\n".join([*known, activation]))
        if len(known) == 2 and activation not in known and not ended.exists():
            ended.touch()
            _wait_for_an_answer_on_disk()
            above = os.getppid()
            for _ in range(int(times)):
                os.kill(above, int(number))
                os.sched_yield()
            threading.Event().wait()
        return super().call(activation, x, parameters)


def _wait_for_an_answer_on_disk() -> None:
    runs = Path(os.environ["ACTCHECK_CACHE"], "runs")
    while not any(journal.read_bytes().endswith(b"\n") for journal in runs.iterdir()):
        os.sched_yield()
