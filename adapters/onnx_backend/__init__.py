"""ONNX: graphs of one operator, run by onnxruntime or by the reference that comes with the standard."""

from actcheck.adapters.onnx_backend.adapter import OnnxReferenceAdapter, OnnxRuntimeAdapter

__all__ = ["OnnxReferenceAdapter", "OnnxRuntimeAdapter"]
