"""Input that nobody would write, for everything that reads any: briefly in the tests, at length by hand."""
