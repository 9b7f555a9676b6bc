"""Where things of the repository are, for the tests."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
#: Backends that break or misbehave, to be named on the command line.
BREAKING = ROOT / "tests" / "support" / "faults" / "planted_breaking.py"
#: Backends for sweeps.
SWEPT = ROOT / "tests" / "support" / "sweeps"
#: A program that breaks in many ways, and one that does not.
PLANTED_PROGRAM = ROOT / "tests" / "support" / "programs" / "planted.py"
EXAMPLES = ROOT / "examples"


def without_journals(own: Path) -> Path:
    """A folder for a cache without the journals of other runs, which shares what they have built."""
    own.mkdir(exist_ok=True)
    for built in Path(os.environ["ACTCHECK_CACHE"]).iterdir():
        if built.name not in ("runs", "sweeps"):
            (own / built.name).symlink_to(built)
    return own


def one_bit_changed(content: bytes) -> bytes:
    """A file's content with one bit turned, near its end."""
    at = len(content) - 10
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
