"""Certificates in double-double, for all of float64."""
