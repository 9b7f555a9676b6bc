"""The torch backend: the public functional forms of torch.nn.functional, on the CPU or on a CUDA device.

torch is imported when the adapter is first asked something, so that this module imports without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from actcheck.adapters.base import Adapter, Array, Description, Function, Unsupported


class TorchAdapter(Adapter):
    """torch on one device; the backends differ in nothing but where the tensors live."""

    name = "torch"

    def __init__(self, device: str = "cpu") -> None:
        #: As torch names it: ``cpu``, ``cuda``, ``cuda:1``.
        self.device = device
        self.name = f"torch-{device}"

    def describe(self) -> Description:
        """torch's version, the device, and why it cannot be used, if so."""
        if find_spec("torch") is None:
            return Description(
                "torch",
                "none",
                self.device,
                unavailable="torch is not installed: pip install 'actcheck[torch]'",
            )
        import torch  # noqa: PLC0415

        if self.device.startswith("cuda") and not torch.cuda.is_available():
            reason = "no CUDA device: torch.cuda.is_available() is False"
            return Description("torch", torch.__version__, self.device, unavailable=reason)
        return Description("torch", torch.__version__, self.device)

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """torch's own functions by activation id."""
        from actcheck.adapters.torch_functions import FUNCTIONS  # noqa: PLC0415

        return FUNCTIONS

    def to_backend(self, array: Array) -> Any:
        """A tensor on the device; see `torch_arrays.to_tensor`."""
        from actcheck.adapters.torch_arrays import to_tensor  # noqa: PLC0415

        return to_tensor(array, self.device)

    def to_host(self, array: Any) -> Array:
        """The numpy array of a tensor."""
        from actcheck.adapters.torch_arrays import to_array  # noqa: PLC0415

        return to_array(array)

    def differentiate(self, function: Function, x: Any, upstream: Any) -> Any:
        """See `torch_gradients.differentiate`."""
        from actcheck.adapters.torch_gradients import differentiate  # noqa: PLC0415

        return differentiate(function, x, upstream)

    def differentiate_twice(self, function: Function, x: Any) -> Any:
        """See `torch_gradients.differentiate_twice`."""
        from actcheck.adapters.torch_gradients import differentiate_twice  # noqa: PLC0415

        return differentiate_twice(function, x)
