"""Samples too large to be kept: judged in parts, of which the verdict stays and the points that tell."""
