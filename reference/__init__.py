"""The mathematics: reads a specification, knows no framework."""
