"""The processor's floating-point environment: what it is, seen by its effects, and how it is put back."""
