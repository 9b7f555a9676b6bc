"""``actcheck list``: the activations, the backends, and what each backend lacks."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from actcheck.adapters import registry
from actcheck.reference import loading


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments yet."""


def main(arguments: argparse.Namespace) -> int:
    """Print the tables."""
    console = Console()
    table = Table(title="Activations", title_justify="left", box=None)
    for column in ("name", "kind", "parameters", "also"):
        table.add_column(column)
    for spec in loading.load_all().values():
        parameters = ", ".join(p.name for p in spec.parameters)
        table.add_row(spec.id, spec.kind, parameters, ", ".join(spec.aliases))
    console.print(table)
    console.print("backends: " + ", ".join(registry.names()))
    return 0
