"""The TensorFlow backend."""

from actcheck.adapters.tensorflow_backend.adapter import TensorFlowAdapter

__all__ = ["TensorFlowAdapter"]
