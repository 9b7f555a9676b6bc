"""What is wrong with what the command line was given."""


class UsageError(Exception):
    """Bad input: the message says what, where, and what to do; exit status 2."""
