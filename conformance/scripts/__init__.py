"""Scripts that show a distinct fault with the framework alone."""
