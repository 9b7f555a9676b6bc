"""``actcheck new-adapter``: a commented adapter file that works at once, to fill in."""

from __future__ import annotations

import argparse
import keyword
import re
from pathlib import Path

from actcheck.conformance.usage import UsageError

TEMPLATE = '''"""Adapter of {name} for actcheck: actcheck run --backend {file}:{cls}"""

from __future__ import annotations

import numpy as np

from actcheck.adapters.base import Adapter, Description


class {cls}(Adapter):
    """Maps activation names to the framework's own public functions."""

    name = "{name}"

    def describe(self) -> Description:
        # Import the framework here, not at the top: `actcheck list` should not load it.
        return Description(
            framework="{name}",
            version=np.__version__,  # the framework's own
            device="cpu",
            formats=("float16", "float32", "float64"),  # and "bfloat16", where it has that
        )

    def functions(self):
        # Activation name (see `actcheck list`) to a function of the framework's arrays. It is called
        # as f(x, **parameters) with every parameter of the specification (see `actcheck show NAME`).
        # What is left out is reported as unsupported.
        return {{
            "relu": lambda x: np.maximum(x, 0),
            # "leaky_relu": lambda x, negative_slope: ...,
        }}

    def to_backend(self, array):
        # A numpy array (bfloat16 through ml_dtypes) as the framework's, with the same format and shape.
        return array

    def to_host(self, array):
        # The way back.
        return np.asarray(array)

    # Each method more answers another family of checks; without it, they are reported as unsupported.
    # actcheck.adapters.base.Adapter describes them; actcheck.adapters.forms.Forms has more.
    #
    # def differentiate(self, function, x, upstream):  # the gradient of function at x times upstream
    # def defaults(self, activation):  # the framework's own default parameters, by their names here
    # def in_place(self, activation, x, upstream, parameters):
    # def module(self, activation, parameters):
'''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("name", metavar="NAME", help="of the framework; the file is NAME_adapter.py")
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="another file")


def main(arguments: argparse.Namespace) -> int:
    """Write the file and say how to use it. Returns 0; an existing file is left alone."""
    name = arguments.name
    stem = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
    if not stem or not stem.isidentifier() or keyword.iskeyword(stem):
        raise UsageError(f"{name!r}: give a name of letters and digits, a letter first, such as mlx")
    path: Path = arguments.out or Path(f"{stem}_adapter.py")
    cls = "".join(part.capitalize() for part in stem.split("_")) + "Adapter"
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE.format(name=stem.replace("_", "-"), cls=cls, file=_quotable(path)))
    except FileExistsError:
        raise UsageError(f"{path}: exists already; give another file with --out") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    print(f"wrote {path}; it works at once for relu:\n  actcheck run --backend {path} --activation relu")
    return 0


def _quotable(path: Path) -> str:
    """The path, where it is fit for a docstring."""
    return str(path) if re.fullmatch(r"[\w./-]+", str(path)) else "FILE.py"
