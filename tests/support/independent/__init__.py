"""A second judge, made of Arb and integers alone: of the first it shares what a definition says."""
