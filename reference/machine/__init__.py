"""What float64 and compiled code do: bounds by construction, patterns, caches, the processor's mode."""
