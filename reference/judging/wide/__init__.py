"""Certificates in double-double for all of float64: values to about 2^-102, and results judged by them."""

from actcheck.reference.judging.wide.enclosing import enclosures, judged

__all__ = ["enclosures", "judged"]
