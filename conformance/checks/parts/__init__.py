"""What checks are made of; each check itself is a module of `checks`."""
