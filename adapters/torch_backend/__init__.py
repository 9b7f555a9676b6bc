"""The torch backend; `TorchAdapter` is its adapter."""

from actcheck.adapters.torch_backend.adapter import TorchAdapter

__all__ = ["TorchAdapter"]
