"""A second judge, made of Arb and integers alone: it shares with the first one only what a definition
says."""
