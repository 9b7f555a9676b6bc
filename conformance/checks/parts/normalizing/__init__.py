"""Checks of normalizing activations: rows with a sum, judged by a bound of sums."""
