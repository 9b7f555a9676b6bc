"""Multihead attention: its calls, and what is judged of their results."""
