"""The command line: ``actcheck COMMAND ...``. Each command is a module of `commands`.

Exit status: 0 nothing failed, 1 something failed, 2 bad input or usage.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from actcheck import __version__
from actcheck.conformance.interrupts import interruptible
from actcheck.conformance.usage import UsageError
from actcheck.reference.machine.kept import CacheError

#: Command to its module under `commands` and what it is for. A module has
#: ``add_arguments(parser)`` and ``main(arguments) -> int``, and is imported when it is asked for.
COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("list", "activations and backends, and what each backend lacks"),
    "show": ("show", "the specification of an activation"),
    "run": ("run", "put the questions to a backend"),
    "sweep": ("sweep", "judge every float32 input of one activation"),
    "check-program": ("outside.check_program", "try the protocol of a program, and say what it does wrong"),
    "check-adapter": ("outside.check_adapter", "try the contract of an adapter, and say what it does wrong"),
    "questions": ("outside.questions", "write inputs to files, for what cannot be called from here"),
    "judge": ("outside.judge", "judge the results that were put beside such inputs"),
    "vectors": ("outside.vectors", "write inputs with their right results, for other test suites"),
    "deviations": ("deviations", "draft a list of known deviations from results, check or apply one"),
    "faults": ("of_results.faults", "the distinct faults behind the failed checks of results"),
    "reproduce": ("of_results.reproduce", "a script that shows one distinct fault"),
    "report": ("of_results.report", "a page from results"),
    "compare": ("of_results.compare", "what changed between two results"),
    "history": ("of_results.history", "a page about one backend over its versions"),
    "badge": ("of_results.badge", "a badge from results"),
    "plot": ("plot", "pictures of the activations"),
    "zoo": ("zoo", "faulty backends put to the questions: which ones the suite catches"),
    "new-adapter": ("new_adapter", "a commented adapter file to fill in"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with interruptible() as interrupts:
            return interrupts.status(_run(words))
    except (UsageError, CacheError) as error:
        return _refused(str(error))
    except BrokenPipeError:
        # The reader of our output has gone (head, say); nothing is left to tell it.
        _silence()
        return 1
    except OSError as error:
        # A place that was given: a name that is too long, a disk that is full, a device that takes nothing.
        place = str(error.filename or "the output")
        return _refused(f"{place}: {error.strerror or error}; choose another place")


def _run(words: Sequence[str]) -> int:
    if any("\0" in word for word in words):
        raise UsageError("a word of the command line holds a null byte, which no name of a file does")
    try:
        parsed = parser(words).parse_args(words)
        status = int(parsed.main(parsed))
        # What cannot be written must not be found out when nobody can tell it any more.
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("actcheck: interrupted", file=sys.stderr)
        return 130


def _refused(message: str) -> int:
    _silence()
    print(f"actcheck: {message}", file=sys.stderr)
    return 2


def _silence() -> None:
    """Drop what is left of the output where it cannot be written: Python would try again, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser, with the arguments of the command that is asked for."""
    top = argparse.ArgumentParser(
        prog="actcheck", description="The executable specification of activation functions."
    )
    top.add_argument("--version", action="version", version=f"actcheck {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (module, purpose) in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=purpose.capitalize() + ".")
        if name in words:
            implementation = importlib.import_module(f"actcheck.conformance.commands.{module}")
            implementation.add_arguments(command)
            command.set_defaults(main=implementation.main)
    return top
