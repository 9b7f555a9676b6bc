"""Ways of calling, types of inputs, what calls leave behind."""
