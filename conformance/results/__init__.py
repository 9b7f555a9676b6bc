"""Results documents: what is written of a run, and how it is read back."""
