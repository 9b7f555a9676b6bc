"""Activations with a sum over a row: exact results, and bounds of what computes them honestly."""
