"""Questions as files: inputs are written, and results that were computed elsewhere are judged."""
