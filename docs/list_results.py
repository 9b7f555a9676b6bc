"""Writes the table of results into README.md from the files in results/; ``--check`` compares it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs" / "site"))

from backend_results import backends  # noqa: E402

from actcheck.conformance.judging.grading import GRADES  # noqa: E402
from actcheck.conformance.report.sides import Side  # noqa: E402
from actcheck.reference.specification.loading import load_all  # noqa: E402

README = ROOT / "README.md"
_BEGIN, _END = "<!-- results: python docs/list_results.py -->\n", "<!-- end of results -->\n"


def table() -> str:
    """A row for each activation, a column for each backend."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    found = backends()
    yield "| | " + " | ".join(f"{side.label} {side.results.backend.version}" for side in found) + " |"
    yield "|---|" + "---|" * len(found)
    for name, spec in load_all().items():
        yield f"| {spec.title} | " + " | ".join(_told(side, name) for side in found) + " |"


def _told(side: Side, activation: str) -> str:
    """The worst grade of the function in any format, and how many checks failed or deviate as is known."""
    checks = [c for c in side.results.checks if c.activation == activation and c.outcome != "unsupported"]
    grades = [c.grade for c in checks if c.check == "accuracy" and c.quantity == "forward" and c.grade]
    told = [max(grades, key=GRADES.index)[0].upper()] if grades else []
    failed = sum(c.outcome in ("fail", "error") for c in checks)
    known = sum(c.outcome == "known_deviation" for c in checks)
    told += [f"{failed} ✗"] * bool(failed) + [f"{known} k"] * bool(known)
    return " ".join(told) or ("pass" if checks else "-")


def main() -> int:
    """Write the table, or compare it. Returns 1 where it is not what the files say."""
    text = README.read_text("utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise SystemExit(f"{README}: the lines between which the table stands are not there")
    made = before + begin + "\n" + table() + "\n" + end + after
    if "--check" in sys.argv:
        return int(text != made)
    README.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
