"""Commands on results that are there: nothing is asked again."""
