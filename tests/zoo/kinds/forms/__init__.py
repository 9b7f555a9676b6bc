"""Ranks, layouts and lengths."""
