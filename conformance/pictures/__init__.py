"""Pictures and formulas of definitions."""
