"""How trees are evaluated: the arithmetic behind `mp`."""
