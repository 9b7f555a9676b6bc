"""Programs that are asked over pipes: whether they keep to the protocol."""
