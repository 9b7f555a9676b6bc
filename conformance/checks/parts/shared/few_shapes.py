"""What quick asks of a backend that compiles for every new shape: few shapes, with many inputs in each.

A check that varies lengths or shapes takes them from here, so that all share them.
"""

from __future__ import annotations

#: One element, an odd length with a vector body and a tail, and the plain array of `forms`.
LENGTHS = (1, 67, 240)
#: Without elements or dimensions, plain, a matrix and a batch of images.
SHAPES = ((), (0,), (240,), (12, 20), (2, 4, 5, 6))
#: Those in which an upstream has a layout of its own.
PAIRED = ((240,),)
#: The note of a finding that says what was left out.
NOTE = "left out"


def left_out(what: str) -> dict[str, str]:
    """The note of a finding: what was not asked, since each shape is compiled anew."""
    return {NOTE: f"{what}, since the backend compiles for every new shape; the full level asks them"}
