"""Distinct faults on a terminal: under headings by how much they matter, the most serious first."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from actcheck.conformance import numerals
from actcheck.conformance.results.model import GRAVITIES, DistinctFault, ExampleRecord, Gravity

HEADINGS: dict[Gravity, str] = {
    "ordinary": "Wrong for ordinary inputs",
    "tail": "Wrong in tails and at the ends of formats",
    "special": "Wrong at NaN, infinities and special upstreams",
    "sign": "Signs of zeros, other bits, side effects",
    "parameter": "Parameters, defaults, other formats, texts",
}
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
    told += fault.known
    first, *more = [
        line
        for paragraph in told
        for line in textwrap.wrap(paragraph, _WIDTH - 5, break_long_words=False, break_on_hyphens=False)
    ]
    return [f"{fault.number:3}  {first}", *(f"     {line}" for line in more)]


def example_text(example: ExampleRecord) -> str:
    """Decimals before hexadecimals: ``x = -5.4 (-0x1.599p+2): got 0, expected -1.8e-07 (...)``."""
    x, got, expected = (_number(v) for v in (example.x, example.got, example.expected))
    times = f", times {_number(example.upstream)}" if float(example.upstream) != 1 else ""
    return f"x = {x}{times}: got {got}, expected {expected}"


def _number(value: float) -> str:
    text = f"{value:.9g}"
    return text if float(text) == value and len(text) < 6 else f"{text} ({numerals.hexadecimal(value)})"


def extent(fault: DistinctFault) -> str:
    """``in 12 checks: accuracy, kinks; float16, float32; 2 variants``."""
    names = list(dict.fromkeys(identity.partition("-")[0] for identity in fault.checks))
    told = [f"in {numerals.count(len(fault.checks), 'check')}: {', '.join(names)}", ", ".join(fault.formats)]
    if len(fault.variants) > 1:
        told.append(numerals.count(len(fault.variants), "variant"))
    return "; ".join(told)
