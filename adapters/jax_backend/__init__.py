"""The JAX backend."""

from actcheck.adapters.jax_backend.adapter import JaxAdapter

__all__ = ["JaxAdapter"]
