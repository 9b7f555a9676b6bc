"""What certificates are made of: how they cover the floats, and what float64 rounds."""
