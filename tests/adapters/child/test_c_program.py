"""The header and the example in C: compiled here where there is a compiler, and asked."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter, BackendLostError, Description, Function, Unsupported
from actcheck.adapters.child import HEADER, ChildAdapter
from actcheck.conformance.model import Question
from actcheck.conformance.sweep.work import judged
from actcheck.reference.specification import loading
from tests.support.folders import EXAMPLES

Array = NDArray[Any]
COMPILER = shutil.which("cc")
pytestmark = [
    pytest.mark.skipif(COMPILER is None, reason="there is no C compiler: cc"),
    pytest.mark.xdist_group("c_program"),
]
SOURCE = EXAMPLES / "program_in_c" / "my_kernels.c"
ECHO = """
#include "actcheck.h"
static int answer(actcheck_call *call, void *result) {
    double a = actcheck_number(call, "a", -1);
    if (actcheck_is(call, "word", "print")) printf("to standard output\\n");
    if (actcheck_is(call, "word", "refuse"))
        return actcheck_because(call, ACTCHECK_REFUSED, "a is \\"%g\\"\\n", a);
    if (actcheck_is(call, "word", "abort")) abort();
    double *numbers = result;
    for (size_t i = 0; i < call->array[0].count; i++) numbers[i] = a;
    const actcheck_array *weight = actcheck_get(call, "weight");
    for (size_t i = 0; weight && i < weight->count; i++) numbers[i] = ((double *)weight->data)[i];
    return ACTCHECK_OK;
}
int main(void) {
    return actcheck_serve("{\\"message\\": \\"hello\\", \\"protocol\\": 1,"
        "\\"name\\": \\"echo\\", \\"version\\": \\"1\\","
        "\\"formats\\": [\\"float64\\"], \\"quantities\\": [\\"forward\\"], \\"activations\\": {\\"echo\\":"
        "{\\"parameters\\": {\\"a\\": true, \\"word\\": true, \\"weight\\": true}}}}", answer);
}
"""


def compiled(source: Path, folder: Path) -> str:
    """The command of the program, built without a warning."""
    program = folder / source.stem
    strict = ["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2"]
    command = [str(COMPILER), *strict, f"-I{HEADER.parent}", "-o", str(program), str(source), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return str(program)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> ChildAdapter:
    return ChildAdapter(compiled(SOURCE, tmp_path_factory.mktemp("c")))


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> ChildAdapter:
    folder = tmp_path_factory.mktemp("c")
    (folder / "echo.c").write_text(ECHO, "utf-8")
    return ChildAdapter(compiled(folder / "echo.c", folder))


def test_it_says_what_it_is(kernels: ChildAdapter) -> None:
    told = kernels.describe()
    assert (kernels.name, told.framework, told.version) == ("my-kernels", "C library", "1.0")
    assert told.formats == ("float32", "float64")
    assert set(kernels.functions()) == {"relu", "gelu", "tanh"}


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3), (4, 5), (1, 1, 1, 1, 1, 2), (100_000,)])
@pytest.mark.parametrize("format_name", ["float32", "float64"])
def test_arrays_of_every_shape_come_back_in_theirs(
    kernels: ChildAdapter, shape: tuple[int, ...], format_name: str
) -> None:
    x = np.linspace(-3, 3, math.prod(shape)).reshape(shape).astype(format_name)
    y = kernels.forward("relu", x, {})
    assert isinstance(y, np.ndarray)
    assert (y.dtype, y.shape) == (x.dtype, x.shape)
    np.testing.assert_array_equal(y, np.maximum(x, 0))
    slope = kernels.gradient("relu", x, np.full_like(x, 2), {})
    np.testing.assert_array_equal(slope, 2 * (x > 0))


def test_an_array_that_is_not_contiguous_is_sent_in_its_order(kernels: ChildAdapter) -> None:
    x = np.arange(-12.0, 12.0).reshape(4, 6)[::-2, ::3].T
    np.testing.assert_array_equal(kernels.forward("relu", x, {}), np.maximum(x, 0))


@pytest.mark.parametrize(
    "a", [0.1, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan, 3, True]
)
def test_parameters_arrive_to_the_bit(echo: ChildAdapter, a: float) -> None:
    y = echo.forward("echo", np.zeros(2), {"a": a})
    assert isinstance(y, np.ndarray)
    np.testing.assert_array_equal(y.view(np.int64), np.full(2, a, np.float64).view(np.int64))


def test_parameters_may_be_arrays(echo: ChildAdapter) -> None:
    weight = np.array([0.25, -2.0])
    np.testing.assert_array_equal(
        echo.forward("echo", np.zeros(3), {"a": 7, "weight": weight}), [0.25, -2.0, 7]
    )


def test_what_it_prints_harms_nothing(echo: ChildAdapter) -> None:
    for _ in range(3):
        np.testing.assert_array_equal(echo.forward("echo", np.zeros(2), {"a": 1, "word": "print"}), [1, 1])


def test_it_refuses_and_falls_in_words(echo: ChildAdapter) -> None:
    with pytest.raises(ValueError, match=r'^a is "0.5"\\n$'):
        echo.forward("echo", np.zeros(2), {"a": 0.5, "word": "refuse"})
    with pytest.raises(BackendLostError, match="killed by SIGABRT"):
        echo.forward("echo", np.zeros(2), {"a": 0.5, "word": "abort"})
    np.testing.assert_array_equal(echo.forward("echo", np.zeros(1), {"a": 2}), [2])


class Here(Adapter):
    """The C library's tanhf, called in this process."""

    name = "here"

    def describe(self) -> Description:
        return Description("C library", "", "cpu", ("float32",))

    def functions(self) -> Mapping[str, Function | Unsupported]:
        library = ctypes.CDLL("libm.so.6")
        library.tanhf.argtypes, library.tanhf.restype = [ctypes.c_float], ctypes.c_float
        return {"tanh": lambda x: np.array([library.tanhf(v) for v in x.tolist()], np.float32)}


@pytest.mark.parametrize("start", [0x38800000, 0x3E000000, 0x7F800000 - (1 << 11)])
def test_a_sweep_counts_as_in_one_process(kernels: ChildAdapter, start: int) -> None:
    spec = loading.find("tanh")
    question = Question("accuracy", spec, spec.default, "float32", "forward")
    try:
        here = judged(Here(), question, start, 1 << 12, 1 << 11).verdict
    except OSError:
        pytest.skip("the C library has another name here")
    there = judged(kernels, question, start, 1 << 12, 1 << 11).verdict
    assert there == here
