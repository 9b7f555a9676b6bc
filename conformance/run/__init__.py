"""A run of the suite: questions, the processes that put them, and what is told at the end."""
