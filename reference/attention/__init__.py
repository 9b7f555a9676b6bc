"""Multihead attention by the reference: exact results, and bounds for what computes them honestly."""
