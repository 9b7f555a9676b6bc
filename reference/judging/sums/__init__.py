"""Sums of products: bounds on what honest backends may be off by, and results held against them."""
