"""A program in any language, asked over pipes: ``--command "./my_kernels"`` (see docs/protocol.md)."""

from pathlib import Path

from actcheck.adapters.child.adapter import ChildAdapter

#: What programs in C include.
HEADER = Path(__file__).with_name("actcheck.h")

__all__ = ["HEADER", "ChildAdapter"]
