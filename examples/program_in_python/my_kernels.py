"""relu, tanh and leaky_relu with their gradients, as actcheck asks for them: the standard library alone.

actcheck run --command "python3 my_kernels.py"
"""

import array
import json
import math
import os
import sys

#: The letter by which the module array knows a format.
LETTERS = {"float32": "f", "float64": "d"}

HELLO = {
    "message": "hello",
    "protocol": 1,
    "name": "my-kernels.py",
    "version": "1.0",
    "framework": "Python's math",
    "formats": ["float32", "float64"],
    "quantities": ["forward", "gradient"],
    "activations": {"relu": {}, "tanh": {}, "leaky_relu": {"parameters": {"negative_slope": True}}},
}


class UnsupportedError(Exception):
    """There is no such kernel; the text is the reason."""


class RefusedError(Exception):
    """No kernel computes with these parameters; the text is the reason."""


def relu(x):
    return x if x > 0 or math.isnan(x) else 0.0


def relu_slope(x):
    return x if math.isnan(x) else float(x > 0)


def leaky_relu(x, negative_slope):
    return x if x >= 0 or math.isnan(x) else float(negative_slope) * x


def leaky_relu_slope(x, negative_slope):
    return x if math.isnan(x) else 1.0 if x > 0 else float(negative_slope)


def tanh_slope(x):
    if abs(x) > 700:  # cosh would overflow
        return 0.0
    inverse = 1 / math.cosh(x)
    return inverse * inverse


KERNELS = {"relu": relu, "tanh": math.tanh, "leaky_relu": leaky_relu}
SLOPES = {"relu": relu_slope, "tanh": tanh_slope, "leaky_relu": leaky_relu_slope}


def answer(call, arrays):
    """The numbers of the result. Raises UnsupportedError and RefusedError."""
    kernels = {"forward": KERNELS, "gradient": SLOPES}.get(call["quantity"], {})
    kernel = kernels.get(call["activation"])
    if kernel is None or call["arrays"][0]["format"] not in LETTERS:
        raise UnsupportedError(f"no kernel for the {call['quantity']} of {call['activation']}")
    values = [kernel(x, **call["parameters"]) for x in arrays["x"]]
    if "upstream" in arrays:
        values = [value * factor for value, factor in zip(values, arrays["upstream"], strict=True)]
    return values


def read_arrays(stream, announced):
    """The arrays that follow a call, by their names; of other formats, their bytes."""
    found = {}
    for one in announced:
        letter = LETTERS.get(one["format"], "B")
        made = array.array(letter)
        count = math.prod(one["shape"]) * (1 if letter != "B" else size(one["format"]))
        made.frombytes(stream.read(count * made.itemsize))
        found[one["name"]] = made
    stream.read(1)  # the newline
    return found


def size(name):
    """The bytes of a number in a format."""
    return 1 if name == "bool" else int(name.lstrip("abcdefghijklmnopqrstuvwxyz")) // 8


def serve(hello, answer):
    """Say hello and answer until the input ends. What is printed goes to standard error from now on."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def reply(message, data=None):
        replies.write(json.dumps(message).encode() + b"\n")
        if data is not None:
            replies.write(data + b"\n")
        replies.flush()

    calls = sys.stdin.buffer
    calls.readline()  # actcheck's own hello
    reply(hello)
    for line in iter(calls.readline, b""):
        call = json.loads(line)
        arrays = read_arrays(calls, call["arrays"])
        x = call["arrays"][0]
        try:
            values = array.array(LETTERS.get(x["format"], "d"), answer(call, arrays))
        except UnsupportedError as error:
            reply({"message": "unsupported", "id": call["id"], "reason": str(error)})
        except RefusedError as error:
            reply({"message": "refused", "id": call["id"], "reason": str(error)})
        except Exception as error:
            reply({"message": "error", "id": call["id"], "reason": repr(error)})
        else:
            told = {"message": "ok", "id": call["id"], "format": x["format"], "shape": x["shape"]}
            reply(told, values.tobytes())


if __name__ == "__main__":
    serve(HELLO, answer)
