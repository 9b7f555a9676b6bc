"""One file a framework; the adapters know no mathematics of the specification."""
