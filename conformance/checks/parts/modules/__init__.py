"""Module forms as objects: what is written out, copied, converted and printed."""
