"""The judge of devices over torch's tensors on the CPU: each step is the one a CUDA device takes."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from actcheck.adapters.torch_backend import TorchAdapter
from actcheck.reference.specification.binding import Bound
from actcheck.reference.sweeping.device import DeviceSweep
from tests.support.frameworks import framework

torch = framework("torch")

from array_api_compat import torch as namespace  # noqa: E402

from actcheck.adapters.torch_backend.arrays import consecutive, to_array  # noqa: E402


class OnTensors(DeviceSweep):
    """It takes numpy's arrays, and judges copies of them as tensors."""

    def __init__(self, bound: Bound, quantity: str) -> None:
        super().__init__(bound, quantity, namespace, torch.device("cpu"), to_array)

    def judge(self, start: int, positive: bool, x: NDArray[Any], y: NDArray[Any]) -> None:
        super().judge(start, positive, torch.tensor(x), torch.tensor(y))


class TensorsOfItsOwn(TorchAdapter):
    """torch on the CPU, which makes the inputs of a sweep itself, as CUDA devices do."""

    def consecutive(self, start: int, count: int, positive: bool) -> Any:
        return consecutive(start, count, positive, self.device)
