"""Results that were computed elsewhere and put beside their inputs (``actcheck questions`` and ``judge``)."""

from actcheck.adapters.by_file.adapter import ByFileAdapter

__all__ = ["ByFileAdapter"]
