"""Activations that draw random numbers: their law, seeds, forms and special values."""
