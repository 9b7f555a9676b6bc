"""Whose time ran out is read from the trace of the thread that asked."""

from __future__ import annotations

import pytest

from actcheck.conformance.backends.process_exit import judging, place

BEGIN = "Timeout (0:02:00)!\n"
ASKING = "Thread 0x00007f (most recent call first):\n"
OTHER = 'Thread 0x00008f (most recent call first):\n  File "/a/threading.py", line 9 in wait\n\n'
JUDGE = '  File "/a/reference/evaluation/intervals.py", line 75 in log\n'
GUARD = '  File "/a/conformance/backends/guard/guarded.py", line 90 in run\n'
CALL = '  File "/b/kernels.py", line 3 in relu\n' + GUARD
PUT = '  File "/a/conformance/plugin.py", line 9 in put\n'


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        (BEGIN + ASKING + JUDGE + PUT, True),
        (BEGIN + ASKING + CALL + PUT, False),
        (BEGIN + OTHER + ASKING + JUDGE + PUT, True),
        (BEGIN + OTHER + ASKING + CALL + PUT, False),
        (BEGIN + "Current t" + ASKING[1:] + JUDGE + "\n" + OTHER + CALL, True),
        (BEGIN + ASKING + CALL.replace("/", "\\") + PUT, False),
        (BEGIN + ASKING + JUDGE + "  ...\n", False),  # cut: what comes after it may be a call
        (BEGIN, False),
        ("Fatal Python error: Segmentation fault\n\n" + ASKING + JUDGE + PUT, False),
        ("", False),
    ],
)
def test_time_that_runs_out_in_the_judge_is_not_the_backends(trace: str, expected: bool) -> None:
    assert judging(trace) is expected


def test_the_place_is_that_of_the_thread_that_asked() -> None:
    assert place(BEGIN + OTHER + ASKING + JUDGE + PUT) == "/a/reference/evaluation/intervals.py:75"
