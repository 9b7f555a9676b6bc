"""A specification as frozen records, and what it is at given parameter values."""
