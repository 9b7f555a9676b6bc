"""From results files to the page: what is read, compared and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from actcheck.conformance.report.compare import ResultsComparison, compare
from actcheck.conformance.report.page import render
from actcheck.conformance.report.sides import sides
from actcheck.conformance.results.model import Results
from actcheck.conformance.results.reading import read, read_all
from actcheck.conformance.writing import write_whole
from actcheck.reference.specification.loading import load, load_all


def write(
    results: Sequence[str | Path],
    path: Path,
    old: str | Path | None = None,
    specs: Iterable[str | Path] = (),
) -> None:
    """Write the page about results files; ``old`` is an earlier one to compare with.

    ``specs`` are files of specifications beside the shipped ones. Raises ResultsError, SpecError and
    OSError; the page is written whole or not at all.
    """
    write_page(read_all(results), path, read(old) if old is not None else None, specs)


def write_page(
    results: Sequence[Results], path: Path, old: Results | None = None, specs: Iterable[str | Path] = ()
) -> None:
    """Write the page about results. Raises SpecError and OSError."""
    known = {**load_all(), **{spec.id: spec for spec in map(load, specs)}}
    write_whole(path, render(known, sides(results), tuple(_comparisons(results, old))))


def _comparisons(documents: Sequence[Results], earlier: Results | None) -> Iterator[ResultsComparison]:
    """Against the earlier document, and between those of one backend, in the order given."""
    if earlier is not None:
        same = [d for d in documents if d.backend.name == earlier.backend.name] or documents[:1]
        yield from (compare(earlier, document) for document in same)
        return
    for name in dict.fromkeys(d.backend.name for d in documents):
        yield from (compare(a, b) for a, b in pairwise(d for d in documents if d.backend.name == name))
