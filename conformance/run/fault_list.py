"""Distinct faults on a terminal: under headings by how much they matter, the most serious first."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from actcheck.conformance.faults.telling import HEADINGS, example_text, extent
from actcheck.conformance.results.fault_records import GRAVITIES, DistinctFault, Gravity

_STYLES: dict[Gravity, str] = {"ordinary": "bold red", "tail": "bold yellow"}
#: So many of each are told where not all are: together no more than a screen.
_SHOWN: dict[Gravity, int] = {"ordinary": 6, "tail": 3, "special": 3, "sign": 2, "parameter": 2}
_WIDTH = 79


@dataclass(frozen=True)
class Listing:
    """How much is told: all faults, each in full, or a screen."""

    whole: bool = False

    def print(self, faults: Sequence[DistinctFault], console: Console) -> None:
        """The faults under their headings."""
        for gravity in GRAVITIES:
            own = [fault for fault in faults if fault.gravity == gravity]
            if own:
                self._print(gravity, own, console)

    def _print(self, gravity: Gravity, faults: Sequence[DistinctFault], console: Console) -> None:
        console.print(Text(HEADINGS[gravity], style=_STYLES.get(gravity, "bold")))
        shown = faults if self.whole else faults[: _SHOWN[gravity]]
        in_full = self.whole or gravity == "ordinary"
        for fault in shown:
            for line in fault_lines(fault, in_full=in_full):
                console.print(Text(line), soft_wrap=True)
        if len(faults) > len(shown):
            console.print(Text(f"     and {len(faults) - len(shown)} more", style="dim"))


def fault_lines(fault: DistinctFault, *, in_full: bool) -> list[str]:
    """A fault's number and sentence, and in full its clearest example and how widely it was seen."""
    told = [fault.sentence]
    if in_full:
        example = fault.example
        told += [example_text(example)] if example else []
        told.append(extent(fault))
    told += fault.known if in_full else fault.known[:1]
    first, *more = [
        line
        for paragraph in told
        for line in textwrap.wrap(paragraph, _WIDTH - 5, break_long_words=False, break_on_hyphens=False)
    ]
    return [f"{fault.number:3}  {first}", *(f"     {line}" for line in more)]
