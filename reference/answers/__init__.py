"""Right answers for arrays of any inputs: correctly rounded values, bounds, and errors of results."""
