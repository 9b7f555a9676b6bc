"""One file for each framework; the adapters know no mathematics of the specification."""
