"""``actcheck list``: the activations, the backends, and what each backend lacks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console
from rich.table import Table
from rich.text import Text

from actcheck.adapters import registry
from actcheck.conformance.backends.probe import Backend, ProbeError, probe
from actcheck.reference.specification import loading
from actcheck.reference.specification.model import Spec


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "--backend", action="append", metavar="NAME", help="only this backend, or one of your own"
    )


def main(arguments: argparse.Namespace) -> int:
    """Print both tables. Returns 0, or 2 if a backend that was named cannot be had."""
    given: Sequence[str] = arguments.backend or registry.names()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    if not arguments.backend:
        console.print(_activations())
        console.print()
    with ThreadPoolExecutor(2) as pool:
        looked = list(pool.map(_look, given))
    for name, found in zip(given, looked, strict=True):
        for line in _backend_lines(name, found):
            console.print(line, soft_wrap=True)
    return 2 if arguments.backend and any(isinstance(found, ProbeError) for found in looked) else 0


def _look(name: str) -> Backend | ProbeError:
    try:
        return probe(name)
    except ProbeError as error:
        return error


def _activations() -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("activation", "parameters", "kind", "also"):
        table.add_column(column)
    for group, (title, specs) in enumerate(loading.groups()):
        if group:
            table.add_row()
            table.add_row(Text(title.lower(), style="bold"))
        _add(table, specs)
    return table


def _add(table: Table, specs: Sequence[Spec]) -> None:
    for spec in specs:
        parameters = ", ".join(p.name if p.required else f"{p.name}={p.default}" for p in spec.parameters)
        table.add_row(Text(spec.id, style="bold"), parameters, spec.kind, ", ".join(spec.aliases))


def _backend_lines(name: str, found: Backend | ProbeError) -> list[Text]:
    if isinstance(found, ProbeError):
        return [Text.assemble((name, "bold"), f": {found}")]
    head = Text.assemble((found.name, "bold"), found.title.removeprefix(found.name))
    if found.unavailable:
        return [head.append(f"; cannot run: {found.unavailable}")]
    head.append(f"; {', '.join(found.formats)}")
    reasons: dict[str, list[str]] = {}
    for activation, reason in found.lacks.items():
        reasons.setdefault(reason.replace(f"has no {activation}", "has none of its own"), []).append(
            activation
        )
    lacking = [Text(f"  lacks {', '.join(names)}: {reason}") for reason, names in reasons.items()]
    return [head, *(lacking or [Text("  lacks nothing")])]
