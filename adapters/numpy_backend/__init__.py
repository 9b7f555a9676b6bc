"""The numpy backend; `NumpyAdapter` is its adapter."""

from actcheck.adapters.numpy_backend.adapter import NumpyAdapter

__all__ = ["NumpyAdapter"]
