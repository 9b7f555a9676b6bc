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
