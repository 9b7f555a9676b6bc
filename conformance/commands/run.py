"""``actcheck run``: put the questions to a backend."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from actcheck.adapters.options import OptionError, with_options
from actcheck.conformance.backends.process_memory import GIB, usual
from actcheck.conformance.model import LEVELS, Settings
from actcheck.conformance.names import of_program
from actcheck.conformance.report import build as report
from actcheck.conformance.results import documents
from actcheck.conformance.results.model import Results
from actcheck.conformance.run import progress
from actcheck.conformance.run.running import (
    CollapseError,
    ProbeError,
    Request,
    Run,
    SessionError,
    perform,
    prepare,
)
from actcheck.conformance.run.summary import print_summary
from actcheck.conformance.run.supervisor import cores
from actcheck.conformance.usage import UsageError
from actcheck.reference.judging.number_models import MODELS
from actcheck.reference.specification.binding import ORDERS

#: What --number-model is for.
NUMBER_MODEL = f"judge in this one, not in the backend's own: {', '.join(MODELS)}; several joined by +"
#: What --dialect is for.
DIALECT = "judge by the conventions of this one, not by the backend's own: torch, jax, tensorflow, onnx"
#: What --option is for.
OPTION = "an option of the backend, which gives it a name of its own; may be repeated"
#: What --memory is for.
MEMORY = "that a worker may take; default: its share of 80 %% of the machine's, 4 at least where there are"
_QUANTITIES = (*ORDERS, "weight_gradient")
_MOST_WORKERS = 1024
#: Seconds that a question may be given.
_SHORTEST, _LONGEST = 1e-3, 1e6
#: GiB that a worker may be given: Python and numpy alone take a tenth.
_SMALLEST, _GREATEST = 0.25, 1e6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add = parser.add_argument
    add_backend(parser)
    add("--activation", action="append", default=[], metavar="NAME", help="only this one, or a YAML file")
    add("--dtype", action="append", default=[], metavar="FORMAT", help="only this format")
    add(
        "--check",
        action="append",
        default=[],
        metavar="CHECK",
        help="only this check or question id; * and ?",
    )
    add("--spec", action="append", default=[], metavar="FILE", help="a specification of your own")
    add("--level", choices=LEVELS, default="quick", help="how thoroughly (default: quick)")
    add("--profile", choices=("standard", "strict"), default="standard", help="what passes")
    add("--seed", type=int, default=0, metavar="NUMBER", help="of the sampled points (default: 0)")
    add("--out", type=Path, metavar="FILE", help="write the results as JSON")
    add("--report", type=Path, metavar="FILE", help="write the results as a page")
    add("--number-model", default="", metavar="MODEL", help=NUMBER_MODEL)
    add("--dialect", default="", metavar="NAME", help=DIALECT)
    add("--option", action="append", default=[], metavar="NAME=VALUE", help=OPTION)
    add("--require", default="", metavar="QUANTITIES", help="forward,gradient,...: unsupported ones fail")
    add("-n", "--workers", type=int, default=cores(), help="processes (default: one a core)")
    add("--timeout", type=float, metavar="SECONDS", help="for one question; default: by level, generous")
    add("--memory", type=float, metavar="GIB", help=MEMORY)
    add("--fresh", action="store_true", help="do not continue an interrupted run")


def add_backend(parser: argparse.ArgumentParser) -> None:
    """The options of which one says what is examined."""
    add = parser.add_mutually_exclusive_group(required=True).add_argument
    add("--backend", metavar="NAME", help="numpy, torch-cpu, path.py:Class, module:Class, ...")
    told = "a program and its arguments, asked over pipes (docs/protocol.md)"
    add("--command", dest="backend", type=of_program, metavar="COMMAND", help=told)


def main(arguments: argparse.Namespace) -> int:
    """Run, write what was asked for, print the summary. Returns 0, 1 or, when interrupted, 130."""
    for path in (arguments.out, arguments.report):
        check_writable(path)
    run = _prepared(arguments)
    _announce(run)
    with progress.progress_bar(run.left, sys.stderr) as heard:
        try:
            results = perform(run, heard)
        except CollapseError as error:
            name = arguments.backend
            raise UsageError(
                f"the processes of the backend {name} end before they are asked anything ({error}); to see "
                f"it happen: python -m pytest -p actcheck.conformance.plugin --backend {name}"
            ) from None
    write_where_asked(arguments.out, lambda path: documents.write(path, results))
    write_where_asked(
        arguments.report,
        lambda path: report.write_page([results], path, specs=run.rerun.paths.values()),
    )
    print_summary(results, console(), arguments.out)
    if not results.complete:
        print("interrupted: the same command continues where this one stopped", file=sys.stderr)
        return 130
    if results.checks and all(check.outcome == "unsupported" for check in results.checks):
        name = results.backend.name
        raise UsageError(f"{name}: nothing could be asked: {results.checks[0].message}")
    return int(results.failed)


def _required(listed: str) -> tuple[str, ...]:
    given = tuple(name.strip() for name in listed.split(",") if name.strip())
    for name in given:
        if name not in _QUANTITIES:
            raise UsageError(f"--require {name}: no quantity; known: {', '.join(_QUANTITIES)}")
    return given


def _prepared(arguments: argparse.Namespace) -> Run:
    check_numbers(arguments)
    try:
        arguments.backend = with_options(arguments.backend, arguments.option)
    except OptionError as error:
        raise UsageError(f"--option: {error}") from error
    settings = Settings(
        arguments.backend,
        activations=(*arguments.activation, *arguments.spec),
        formats=tuple(arguments.dtype),
        checks=tuple(arguments.check),
        level=arguments.level,
        profile=arguments.profile,
        seed=arguments.seed,
        require=_required(arguments.require),
        number_model=arguments.number_model,
        dialect=arguments.dialect,
    )
    memory = memory_of(arguments)
    request = Request(settings, arguments.workers, arguments.timeout, memory, resume=not arguments.fresh)
    try:
        return prepare(request)
    except (SessionError, ProbeError) as error:
        raise UsageError(str(error)) from error


def check_numbers(arguments: argparse.Namespace) -> None:
    """Raise UsageError for processes that no machine starts, a seed that is none, and such limits."""
    if not 1 <= arguments.workers <= _MOST_WORKERS:
        raise UsageError(f"-n {arguments.workers}: give 1 to {_MOST_WORKERS} workers")
    if not 0 <= arguments.seed < 1 << 64:
        raise UsageError(f"--seed {arguments.seed}: give a whole number from 0 to 2^64 - 1")
    if arguments.timeout is not None and not _SHORTEST <= arguments.timeout <= _LONGEST:
        raise UsageError(f"--timeout {arguments.timeout:g}: give {_SHORTEST:g} to {_LONGEST:g} seconds")
    if arguments.memory is not None and not _SMALLEST <= arguments.memory <= _GREATEST:
        raise UsageError(f"--memory {arguments.memory:g}: give {_SMALLEST:g} to {_GREATEST:g} GiB")


def memory_of(arguments: argparse.Namespace) -> int:
    """Bytes that a worker may take."""
    given = arguments.memory
    return usual(arguments.workers) if given is None else int(given * GIB)


def check_writable(path: Path | None) -> None:
    """Raise UsageError if no file can be written there: before the work, not after it."""
    if path is None:
        return
    try:
        if path.is_dir():
            raise UsageError(f"{path}: is a folder; give the name of a file in it")
        if path.exists() and not path.is_file():
            return  # a device or a pipe, which may not be written to before the work
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except FileNotFoundError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; make the folder first") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; choose another place") from error


def _announce(run: Run) -> None:
    print(run.backend.title, file=sys.stderr)
    done = len(run.journal.answers)
    if done:
        told = f"continuing an interrupted run: {done} of {len(run.questions)} questions are answered"
        print(f"{told} (--fresh starts anew)", file=sys.stderr)


def write_where_asked(path: Path | None, write: Callable[[Path], None]) -> None:
    """Write a file, if one was asked for. Raises UsageError where it cannot be written."""
    if path is None:
        return
    try:
        write(path)
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error


def asked_anew(backend: str) -> Results:
    """The results of a quick run with all questions. Raises UsageError where the backend cannot be asked."""
    try:
        run = prepare(Request(Settings(backend), cores()))
        _announce(run)
        with progress.progress_bar(run.left, sys.stderr) as heard:
            return perform(run, heard)
    except (SessionError, ProbeError, CollapseError) as error:
        raise UsageError(str(error)) from error


def console() -> Console:
    """The terminal, or 80 columns of plain text."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=80)
