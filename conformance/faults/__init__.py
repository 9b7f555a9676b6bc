"""Distinct faults: what failed in many checks told as the few things that are wrong."""
