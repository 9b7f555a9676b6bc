"""From verdicts to grades, and from results to findings."""
