"""Whether programs keep to their protocol, and adapters to their contract."""
