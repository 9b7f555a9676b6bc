"""The page of the command line, from the help that argparse writes."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from unittest.mock import patch

from actcheck.conformance.cli import COMMANDS, parser

_TOP = """# The command line

What `actcheck COMMAND --help` says of each command. Exit status: 0 nothing failed (known deviations are no
failures), 1 something failed, 2 bad input, or nothing could be asked.
"""
#: As wide as the page, and without colours, whatever the terminal is.
_PLAIN = {"COLUMNS": "92", "NO_COLOR": "1", "PYTHON_COLORS": "0"}


def commands_page() -> str:
    """A section for each command, and for each of its own commands."""
    with patch.dict(os.environ, _PLAIN):
        return "\n".join([_TOP, *_overview(), *(s for name in COMMANDS for s in _section(name))])


def _overview() -> Iterator[str]:
    yield "| command | |\n|---|---|"
    for name, (_, purpose) in COMMANDS.items():
        yield f"| [`{name}`](#{name}) | {purpose} |"


def _section(name: str) -> Iterator[str]:
    command = _below(parser([name]))[name]
    yield f"\n## {name}\n\n{_fenced(command)}"
    for inner, own in _below(command).items():
        yield f"\n### {name} {inner}\n\n{_fenced(own)}"


def _below(given: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """The parsers of a parser's commands. argparse has no public way to them."""
    found = (a for a in given._actions if isinstance(a, argparse._SubParsersAction))
    return next((action.choices for action in found), {})


def _fenced(given: argparse.ArgumentParser) -> str:
    return f"```text\n{given.format_help().rstrip()}\n```"
