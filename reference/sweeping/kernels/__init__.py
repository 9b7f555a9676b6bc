"""The compiled loops of the host's sweep."""
