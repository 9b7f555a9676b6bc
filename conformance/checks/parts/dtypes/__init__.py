"""Inputs of types that are no float formats."""
