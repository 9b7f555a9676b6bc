"""What stands behind the scale s(x) of a specification: how exactly it is evaluated."""
