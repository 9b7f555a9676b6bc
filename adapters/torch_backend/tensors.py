"""torch's tensors on one device: to it and back, derivatives of functions of them, and its threads.

torch is imported when it is first asked something, so that this module imports without it.
"""

# ruff: noqa: PLC0415 (imports inside functions are the point)

from __future__ import annotations

from typing import Any

from actcheck.adapters.base import Array, Description, Function, Parameters, Unsupported
from actcheck.adapters.packaged import Packaged


class Tensors(Packaged):
    """What the adapter needs of tensors, whatever the activation."""

    name = "torch-cpu"
    packages = ("torch",)

    def __init__(self, device: str = "cpu") -> None:
        #: As torch names it: ``cpu``, ``cuda``, ``cuda:1``.
        self.device = device
        self.name = f"torch-{device}"

    def described(self) -> Description:
        """torch's version and the device, or why it cannot be used."""
        import torch

        if not self._on_cuda:
            details = {
                "instruction set": torch.backends.cpu.get_cpu_capability(),
                "threads": str(torch.get_num_threads()),
            }
            return Description("torch", torch.__version__, self.device, details=details)
        if not torch.cuda.is_available():
            reason = "no CUDA device: torch.cuda.is_available() is False"
            return Description("torch", torch.__version__, self.device, unavailable=reason)
        details = {"device": torch.cuda.get_device_name(self.device), "CUDA": str(torch.version.cuda)}
        return Description("torch", torch.__version__, self.device, details=details)

    def to_backend(self, array: Array) -> Any:
        """A tensor on the device with the array's values, format and strides, negative ones excepted.

        On the CPU it lies over the array's own memory.
        """
        from actcheck.adapters.torch_backend.arrays import to_tensor

        return to_tensor(array, self.device)

    def to_host(self, array: Any) -> Array:
        """The numpy array of a tensor."""
        from actcheck.adapters.torch_backend.arrays import to_array

        return to_array(array)

    def differentiate(self, function: Function, x: Any, upstream: Any) -> Any:
        """By torch.autograd.grad; the upstream keeps its strides."""
        from actcheck.adapters.torch_backend.gradients import differentiate

        return differentiate(function, x, upstream)

    def differentiate_twice(self, function: Function, x: Any) -> Any:
        """By torch.autograd.grad of the gradient, or torch's reason why there is none."""
        from actcheck.adapters.torch_backend.gradients import differentiate_twice

        return differentiate_twice(function, x)

    def differentiate_forward(self, function: Function, x: Any, tangent: Any) -> Any:
        """By torch.func.jvp, or torch's reason why there is none."""
        from actcheck.adapters.torch_backend.forms import jvp

        return jvp(function, x, tangent)

    def differentiate_gradient(self, function: Function, x: Any, upstream: Any, second: Any) -> Any:
        """By torch.autograd.grad of the gradient, or torch's reason why there is none."""
        from actcheck.adapters.torch_backend.forms import double_backward

        return double_backward(function, x, upstream, second)

    def recorded(self, activation: str, x: Array, parameters: Parameters) -> Array | Unsupported:
        """Of a tensor that requires its gradient."""
        from actcheck.adapters.torch_backend.forms import recorded

        native = self.to_backend(x)
        function = self.bound(activation, native, parameters)
        return function if isinstance(function, Unsupported) else recorded(function, native)

    def consecutive(self, start: int, count: int, positive: bool) -> Any:
        """A tensor on the CUDA device; on the CPU the host's arrays serve."""
        from actcheck.adapters.torch_backend.arrays import consecutive

        return consecutive(start, count, positive, self.device) if self._on_cuda else None

    def use_threads(self, count: int) -> bool:
        """``torch.set_num_threads``; threads of the host do not compute on a CUDA device."""
        import torch

        if self._on_cuda:
            return False
        torch.set_num_threads(count)
        return True

    def synchronize(self) -> None:
        """Wait for the CUDA device."""
        import torch

        if self._on_cuda:
            torch.cuda.synchronize(self.device)

    @property
    def _on_cuda(self) -> bool:
        return self.device.partition(":")[0] == "cuda"
