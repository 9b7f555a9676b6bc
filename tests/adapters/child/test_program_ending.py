"""No process of a program outlives whoever asked for it, however that ended.

Every process of the program holds a named pipe open for writing: that its reading end meets the end of the
file says that all of them are gone.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from actcheck.adapters.base import BackendLostError
from actcheck.adapters.child import ChildAdapter
from tests.support.folders import PLANTED_PROGRAM

X = np.array([-1.0, 0.5, 2.0], np.float32)
#: Forks one child into its own process group, and one out of it; both stay for ever.
FORKING = """
import os, signal, sys
sys.path.insert(0, {folder!r})
import planted
held = os.open({pipe!r}, os.O_WRONLY)
for leaves in (False, True):
    if os.fork() == 0:
        if leaves:
            os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        planted.forever()
planted.serve()
"""


def forking(pipe: Path) -> str:
    os.mkfifo(pipe)
    return shlex.join(
        [sys.executable, "-c", FORKING.format(folder=str(PLANTED_PROGRAM.parent), pipe=str(pipe))]
    )


def opened(pipe: Path) -> int:
    return os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)


def all_are_gone(reading: int) -> bool:
    """Waits until they are."""
    os.set_blocking(reading, True)
    try:
        return os.read(reading, 1) == b""
    finally:
        os.close(reading)


linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to the keeper")


@linux
def test_a_program_that_is_closed_leaves_nothing(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    command = forking(pipe)
    reading = opened(pipe)
    adapter = ChildAdapter(command)
    adapter.forward("relu", X, {})
    assert adapter.program.end() == 0
    assert all_are_gone(reading)


@linux
def test_a_program_that_falls_leaves_nothing(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    command = forking(pipe)
    reading = opened(pipe)
    adapter = ChildAdapter(command)
    with pytest.raises(BackendLostError, match="SIGSEGV"):
        adapter.forward("hardtanh", X, {"min_val": -1.0, "max_val": 1.0})
    assert all_are_gone(reading)


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_program_ends_with_whoever_asked_for_it(tmp_path: Path, number: signal.Signals) -> None:
    pipe = tmp_path / "pipe"
    command = forking(pipe)
    reading = opened(pipe)
    asking = f"""
import sys
import numpy as np
from actcheck.adapters.child import ChildAdapter
adapter = ChildAdapter({command!r})
adapter.forward("relu", np.ones(3, np.float32), {{}})
print("asked", flush=True)
sys.stdin.read()
"""
    words = [sys.executable, "-c", asking]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asker:
        assert asker.stdout is not None
        assert asker.stdout.readline() == "asked\n"
        asker.send_signal(number)
        assert all_are_gone(reading)
        assert asker.wait() == -number


@linux
def test_a_keeper_that_is_told_to_end_takes_the_program_along(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    command = forking(pipe)
    reading = opened(pipe)
    adapter = ChildAdapter(command)
    adapter.forward("relu", X, {})
    process = adapter.program._process
    assert process is not None
    process._keeper.terminate()
    assert all_are_gone(reading)
    with pytest.raises(BackendLostError, match="killed by SIGKILL"):
        adapter.forward("relu", X, {})
