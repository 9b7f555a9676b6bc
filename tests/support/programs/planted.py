"""A program that answers some activations well, and breaks at each other one in a way of its own."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3] / "examples" / "program_in_python"))

import my_kernels

OUT = 1


def write(data: bytes | str) -> None:
    """Write past everything that would hold it back."""
    left = memoryview(data.encode() if isinstance(data, str) else data)
    while left:
        left = left[os.write(OUT, left) :]


def reply(call: dict[str, Any], **more: Any) -> None:
    first = call["arrays"][0]
    told = {"message": "ok", "id": call["id"], "format": first["format"], "shape": first["shape"]}
    write(json.dumps({**told, **more}) + "\n")


def refusal(call: dict[str, Any], kind: str, reason: str) -> None:
    write(json.dumps({"message": kind, "id": call["id"], "reason": reason}) + "\n")


def forever() -> None:
    while True:
        signal.pause()


def killed(call: dict[str, Any], x: bytes) -> None:
    print("about to fall\x1b[31m", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)


def killed_in_the_middle(call: dict[str, Any], x: bytes) -> None:
    reply(call)
    write(x[: len(x) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def leaves(call: dict[str, Any], x: bytes) -> None:
    os._exit(7)


def hangs(call: dict[str, Any], x: bytes) -> None:
    forever()


def prints(call: dict[str, Any], x: bytes) -> None:
    write("debug: <b>x</b>\n")
    reply(call)
    write(x + b"\n")


def floods(call: dict[str, Any], x: bytes) -> None:
    while True:
        write(b"\x00<script>" * 10_000)


def too_few(call: dict[str, Any], x: bytes) -> None:
    reply(call)
    write(x[:-1])
    forever()


def too_many(call: dict[str, Any], x: bytes) -> None:
    reply(call)
    write(x + b"!!\n")


def afterwards(call: dict[str, Any], x: bytes) -> None:
    reply(call)
    write(x + b"\ndone\n")


def huge(call: dict[str, Any], x: bytes) -> None:
    reply(call, shape=[1 << 40])


def another_call(call: dict[str, Any], x: bytes) -> None:
    reply(call, id=call["id"] + 1)


def bad_message(call: dict[str, Any], x: bytes) -> None:
    reply(call, shape="many")


def deep(call: dict[str, Any], x: bytes) -> None:
    write("[" * 100_000 + "\n")


def mutters(call: dict[str, Any], x: bytes) -> None:
    sys.stderr.write("m" * 10_000_000 + "\n<i>the end</i>\n")
    sys.stderr.flush()
    refusal(call, "error", "<script>\x1b[2J\u202e" + "e" * 100_000)


def closes(call: dict[str, Any], x: bytes) -> None:
    os.close(OUT)
    forever()


def unsupported(call: dict[str, Any], x: bytes) -> None:
    refusal(call, "unsupported", "not in this build")


#: Those that are honest are not here.
WAYS: dict[str, Callable[[dict[str, Any], bytes], None]] = {
    "hardtanh": killed,
    "hardswish": killed_in_the_middle,
    "relu6": leaves,
    "silu": hangs,
    "mish": prints,
    "sigmoid": floods,
    "softsign": too_few,
    "selu": too_many,
    "tanhshrink": huge,
    "hardsigmoid": another_call,
    "logsigmoid": bad_message,
    "celu": deep,
    "elu": mutters,
    "softplus": closes,
    "gelu": unsupported,
}
HONEST = ("tanh", "relu", "leaky_relu")
_PARAMETERS = {
    "hardtanh": ["min_val", "max_val"],
    "celu": ["alpha"],
    "elu": ["alpha"],
    "softplus": ["beta", "threshold"],
    "gelu": ["approximate"],
    "leaky_relu": ["negative_slope"],
}
HELLO = {
    **my_kernels.HELLO,
    "name": "planted",
    "time_limit": 1,
    "activations": {
        name: {"parameters": dict.fromkeys(_PARAMETERS.get(name, ()), True)} for name in (*HONEST, *WAYS)
    },
}


def serve() -> None:
    calls = sys.stdin.buffer
    calls.readline()
    write(json.dumps(HELLO) + "\n")
    for line in iter(calls.readline, b""):
        call = json.loads(line)
        arrays = my_kernels.read_arrays(calls, call["arrays"])
        if call["activation"] in WAYS:
            WAYS[call["activation"]](call, arrays["x"].tobytes())
            continue
        reply(call)
        values = my_kernels.answer(call, arrays)
        write(my_kernels.array.array(arrays["x"].typecode, values).tobytes() + b"\n")


if __name__ == "__main__":
    serve()
