"""Activations that look at more than one element, taken apart."""
