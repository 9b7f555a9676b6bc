"""Arrays travel to torch and back bit for bit, with the strides they have."""

from __future__ import annotations

from collections.abc import Callable

import ml_dtypes
import numpy as np
import pytest

from actcheck.adapters.base import Array
from tests.support.frameworks import framework

torch = framework("torch")

from actcheck.adapters.torch_backend.arrays import to_array, to_tensor  # noqa: E402

FLOATS = ("float16", "bfloat16", "float32", "float64", "float8_e4m3fn", "float8_e5m2")


def dtype(name: str) -> np.dtype:
    return np.dtype(getattr(ml_dtypes, name, None) or name)


def every_byte(name: str, shape: tuple[int, ...]) -> Array:
    """Random bit patterns: NaN payloads, subnormals and infinities among them."""
    size = dtype(name).itemsize * int(np.prod(shape))
    return np.random.default_rng(1).integers(0, 256, size, np.uint8).view(dtype(name)).reshape(shape)


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "contiguous": lambda a: a,
    "transposed": lambda a: a.T,
    "every second": lambda a: a[:, ::2],
    "from an offset": lambda a: a[1:, 3:],
    "channels last": lambda a: a.reshape(4, 6, 2, 2).transpose(0, 3, 1, 2),
    "broadcast": lambda a: np.broadcast_to(a[0], (3, 24)),
    "column": lambda a: a[:, :1],
    "one element": lambda a: a[:1, :1],
    "0-d": lambda a: a[2, 3],
    "empty": lambda a: a[:, :0],
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", FLOATS)
def test_bits_and_strides_survive(name: str, layout: str) -> None:
    array = np.asarray(LAYOUTS[layout](every_byte(name, (4, 24))))
    tensor = to_tensor(array, "cpu")
    back = to_array(tensor)
    assert str(tensor.dtype) == f"torch.{name}"
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    for length, stride, wanted in zip(array.shape, tensor.stride(), array.strides, strict=True):
        assert length <= 1 or array.size == 0 or stride * array.itemsize == wanted


@pytest.mark.parametrize("name", FLOATS)
def test_all_patterns_of_small_formats(name: str) -> None:
    bits = min(16, 8 * dtype(name).itemsize)
    patterns = np.arange(1 << bits, dtype=f"uint{bits}")
    array = np.resize(patterns.view(dtype(name)), 1 << bits) if dtype(name).itemsize <= 2 else None
    if array is not None:
        assert to_array(to_tensor(array, "cpu")).tobytes() == array.tobytes()


@pytest.mark.parametrize("name", ["bfloat16", "float64"])
def test_reversed_arrays_become_contiguous(name: str) -> None:
    array = every_byte(name, (4, 24))[:, ::-1]
    tensor = to_tensor(array, "cpu")
    assert tensor.is_contiguous()
    assert to_array(tensor).tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "name", ["int8", "uint8", "int16", "int32", "int64", "bool", "complex64", "complex128"]
)
def test_other_kinds_travel_too(name: str) -> None:
    array = np.array([[0, 1, 1], [1, 0, 1]]).astype(name)
    assert to_array(to_tensor(array, "cpu")).dtype == array.dtype
    assert np.array_equal(to_array(to_tensor(array, "cpu")), array)


@pytest.mark.parametrize("first", [0, 1, 3, 8])
def test_on_the_cpu_a_tensor_stands_where_the_array_does(first: int) -> None:
    array = np.zeros(20, np.float32)[first:]
    for given in (array, array[::2], array[None, :]):
        assert to_tensor(given, "cpu").data_ptr() == given.ctypes.data


def test_read_only_memory_is_copied() -> None:
    array = np.zeros(3, np.float32)
    array.flags.writeable = False
    to_tensor(array, "cpu").fill_(7)
    to_tensor(np.broadcast_to(array[:1], (4, 3)), "cpu").fill_(7)
    assert not array.any()


def test_tensors_with_a_graph_or_a_lazy_conjugate_reach_the_host() -> None:
    grown = torch.ones(2, requires_grad=True) * 2
    conjugate = torch.tensor([1 + 2j]).conj()
    assert to_array(grown).tolist() == [2.0, 2.0]
    assert to_array(conjugate).tolist() == [1 - 2j]


@pytest.mark.parametrize("name", ["float32", "bfloat16"])
def test_the_device_is_where_the_tensor_lives(name: str) -> None:
    tensor = to_tensor(every_byte(name, (4, 24)).T, "meta")
    assert tensor.device.type == "meta"
    assert tensor.stride() == (1, 24)
