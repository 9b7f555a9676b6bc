"""Known deviations: data that excuses the faults it names, its files, and nothing else."""
