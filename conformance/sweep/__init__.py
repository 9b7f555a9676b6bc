"""Sweeps: every input of an activation, in tasks that any machine can do, summed up in one verdict."""
