"""``actcheck show``: the specification of an activation, for a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from actcheck.conformance.usage import UsageError
from actcheck.reference.expressions.tree import condition_text, text
from actcheck.reference.specification import loading
from actcheck.reference.specification.model import Parameter, Pieces, Spec


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "activation", metavar="NAME", help="an activation, one of its aliases, or a YAML file"
    )


def main(arguments: argparse.Namespace) -> int:
    """Print the specification. Returns 0; raises UsageError for a name or a file that is no good."""
    try:
        spec = loading.find(arguments.activation)
    except loading.SpecError as error:
        raise UsageError(str(error)) from error
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    console.print(Group(*rendered(spec)))
    return 0


def rendered(spec: Spec) -> Iterator[RenderableType]:
    """The parts of a specification, in the order in which one asks for them."""
    yield Text.assemble((spec.title, "bold"), f"  ({spec.id}{''.join(f', also {a}' for a in spec.aliases)})")
    yield Text(spec.summary)
    for source in spec.sources:
        yield Text(f"{source.authors}: {source.title}, {source.year}. {source.url or ''}", style="dim")
    yield from _section("Definition", _definition(spec))
    yield from _section("Parameters", [_parameters(spec)] if spec.parameters else [])
    yield from _section("Shape", [Text(f"{spec.input_shape} -> {spec.output_shape}")])
    yield from _section("Limits", _limits(spec))
    yield from _section(
        "Kinks", (Text(f"x = {text(k.at)}: torch's derivative is {text(k.torch)}") for k in spec.kinks)
    )
    yield from _section("Rules", map(Text, rules(spec)))
    yield from _section(
        "Refused", (Text(f"{parameters_text(r.parameters)}: {r.because}") for r in spec.refused)
    )
    yield from _section("Variants tested", [Text("; ".join(v.label for v in spec.variants))])
    budgets = (Text(f"{quantity}: {b.ulp:g} ULP, {b.because}") for quantity, b in spec.accuracy.items())
    yield from _section("Accuracy budget, float32 and float64", budgets)


def _section(title: str, lines: Iterable[RenderableType]) -> Iterator[RenderableType]:
    body = list(lines)
    if body:
        yield Text(f"\n{title}", style="bold")
        yield from (Padding(line, (0, 0, 0, 2), expand=False) for line in body)


def _definition(spec: Spec) -> Iterator[Text]:
    if spec.formula:
        yield Text(spec.formula)
    yield from (Text(line) for line in cases(spec.definition))
    yield from (Text(f"{name}: {meaning}", style="dim") for name, meaning in spec.symbols.items())


def cases(pieces: Pieces) -> list[str]:
    """One line a case: ``x > 0: x``, ``else: ...``."""
    lines = []
    for piece in pieces:
        condition = condition_text(piece.when)
        prefix = f"{condition}: " if condition else "else: " if len(pieces) > 1 else ""
        lines.append(prefix + text(piece.value))
    return lines


def _parameters(spec: Spec) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for parameter in spec.parameters:
        table.add_row(Text(parameter.name, style="bold"), Text(_default(parameter)), Text(parameter.meaning))
    if spec.constraints:
        table.add_row("", "", condition_text(spec.constraints))
    return table


def _default(parameter: Parameter) -> str:
    default = "must be given" if parameter.required else f"default {parameter.default}"
    allowed = " or ".join(parameter.choices) or condition_text(parameter.constraint)
    return f"{default}; {allowed}" if allowed else default


def _limits(spec: Spec) -> Iterator[Text]:
    for quantity, limits in spec.limits.items():
        for end, pieces in (("-inf", limits.minus_infinity), ("+inf", limits.plus_infinity)):
            yield Text(f"{quantity} at {end}: {'; '.join(cases(pieces))}")


_ZERO_SIGNS = {
    "input": "A zero result at x = 0 has the sign of the input.",
    "either": "A zero result at x = 0 may have either sign.",
    "definition": "The sign of a zero result at x = 0 is that of the definition.",
}


def rules(spec: Spec) -> Iterator[str]:
    """What holds of the results beside the definition, a sentence each."""
    if spec.kind != "normalizing":
        yield _ZERO_SIGNS[spec.zero_sign]
    for held in spec.properties:
        what: str = held.property
        if held.low is not None and held.high is not None:
            what += f" {text(held.low)} to {text(held.high)}"
        if held.value is not None:
            what += f" along dim {text(held.value)}"
        yield f"{what.capitalize()}{', where ' + condition_text(held.when) if held.when else ''}."
    yield from spec.rules
    if spec.in_place:
        yield "There is an in-place form."


def parameters_text(parameters: Mapping[str, object]) -> str:
    """``alpha=0.5, beta=2``."""
    return ", ".join(f"{name}={value!r}" for name, value in parameters.items())
