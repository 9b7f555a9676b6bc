"""What a gradient is multiplied by."""
