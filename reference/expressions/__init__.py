"""Expression trees: their nodes, the parser, derivatives, and equal forms."""
