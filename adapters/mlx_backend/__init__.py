"""MLX as a backend."""

from actcheck.adapters.mlx_backend.adapter import MlxAdapter

__all__ = ["MlxAdapter"]
