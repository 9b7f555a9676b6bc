"""Writes docs/zoo.md from the code: ``python docs/list_faults.py``; ``--check`` compares it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.zoo.collection import ZOO  # noqa: E402
from tests.zoo.model import KINDS, FaultyBackend  # noqa: E402

PAGE = Path(__file__).with_name("zoo.md")
_TOP = """# The zoo

Backends with one planted fault each, made from the numpy backend: what the suite must not let pass. Each
names the questions that own it, and the lowest level at which one of them must tell a fault; the tests ask
them all.
A new one is a line in `tests/zoo/kinds/`. `actcheck zoo --level quick -n 2` asks all questions about
each until one tells a fault, and prints which; `python docs/list_faults.py` makes this page from the code.
"""


def page() -> str:
    """The page, whole."""
    return "\n".join([_TOP, *_counts(), *_open(), *_tables()])


def _caught(fault: FaultyBackend) -> bool:
    return fault.seen_by == "quick"


def _counts() -> Iterator[str]:
    caught = sum(map(_caught, ZOO))
    yield f"{len(ZOO)} backends; quick catches {caught} of them by the check that owns them,"
    yield f"{100 * caught / len(ZOO):.1f} %.\n"
    yield "| kind | wrong in | backends | at quick | at full | by a sweep alone |"
    yield "|---|---|---|---|---|---|"
    for kind, about in KINDS.items():
        those = [f for f in ZOO if f.kind == kind]
        levels = Counter(f.seen_by for f in those)
        counts = " | ".join(str(levels[name] or "") for name in ("quick", "full", "sweep"))
        yield f"| [{kind}](#{kind.replace(' ', '-')}) | {about} | {len(those)} | {counts} |"
    activations = Counter(name for fault in ZOO for name in fault.activations)
    yield "\nBy activation: " + ", ".join(f"{n} {activations[n]}" for n in sorted(activations)) + ".\n"


def _open() -> Iterator[str]:
    yield "## Not caught at quick\n"
    yield "| backend | level | why |"
    yield "|---|---|---|"
    for fault in ZOO:
        if not _caught(fault):
            yield f"| {_text(fault.name)} | {fault.seen_by} | {_text(fault.because)} |"
    yield ""


def _tables() -> Iterator[str]:
    for kind in KINDS:
        yield f"## {kind}\n"
        yield "| backend | what is wrong | questions that own it |"
        yield "|---|---|---|"
        for fault in ZOO:
            if fault.kind == kind:
                yield f"| {_text(fault.name)} | {_text(fault.wrong)} | `{fault.owner}` |"
        yield ""


def _text(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


def main() -> int:
    """Write the page, or compare it. Returns 1 where it is not what the code says."""
    made = page()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != made)
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
