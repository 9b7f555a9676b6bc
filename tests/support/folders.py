"""Where things of the repository are, for the tests."""

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


def one_bit_changed(content: bytes) -> bytes:
    """A file's content with one bit turned, near its end."""
    at = len(content) - 10
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
