"""What is told beside the sentence of a distinct fault, alike on a terminal and on the page."""

from __future__ import annotations

from actcheck.conformance import numerals
from actcheck.conformance.results.fault_records import DistinctFault, ExampleRecord, Gravity

HEADINGS: dict[Gravity, str] = {
    "ordinary": "Wrong for ordinary inputs",
    "tail": "Wrong in tails and at the ends of formats",
    "special": "Wrong at NaN, infinities and special upstreams",
    "sign": "Signs of zeros, other bits, side effects",
    "parameter": "Parameters, defaults, other formats, texts",
}


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
