"""The checks, their verdicts and results, the reports and the command line."""
