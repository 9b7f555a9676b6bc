"""The faulty backends, a module for each group of kinds."""
