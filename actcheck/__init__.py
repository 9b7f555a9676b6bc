"""The executable specification of neural-network activation functions."""

from importlib.metadata import version

__version__ = version("actcheck")
