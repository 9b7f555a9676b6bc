"""What a backend can reach is its own: copies of arrays, results copied at once, a mode of the processor."""
