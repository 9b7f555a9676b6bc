"""``actcheck judge``: judge the results that were put beside the inputs of ``actcheck questions``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from actcheck.adapters.by_file.folder import Folder, FolderError
from actcheck.conformance.by_file.writing import patterns_of
from actcheck.conformance.commands import run
from actcheck.conformance.model import PROFILES
from actcheck.conformance.names import of_folder
from actcheck.conformance.run.questions import Selection, select
from actcheck.conformance.run.supervisor import cores
from actcheck.conformance.usage import UsageError
from actcheck.reference.specification import loading
from actcheck.reference.specification.model import Spec


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="that actcheck questions wrote")
    add("--profile", choices=PROFILES, default="standard", help="what passes")
    add("--out", type=Path, metavar="FILE", help="write the results as JSON")
    add("--report", type=Path, metavar="FILE", help="write the results as a page")
    add("--number-model", default="", metavar="MODEL", help=run.NUMBER_MODEL)
    add("-n", "--workers", type=int, default=cores(), help="processes (default: one a core)")


def main(arguments: argparse.Namespace) -> int:
    """Judge as ``actcheck run`` does, by the questions that were written. Returns what that does."""
    folder = Folder(arguments.folder)
    try:
        document, asked = folder.document, list(folder.questions())
    except FolderError as error:
        raise UsageError(str(error)) from error
    specs = tuple(_same(name, spec) for name, spec in document["specifications"].items())
    of_run = argparse.ArgumentParser()
    run.add_arguments(of_run)
    of_run.parse_args([f"--backend={of_folder(arguments.folder)}", "--fresh"], arguments)
    arguments.activation = [spec["name"] for spec in document["specifications"].values()]
    arguments.dtype = sorted({a.format for a in asked})
    narrowed = Selection(specs, formats=tuple(arguments.dtype))
    patterns = patterns_of(sorted({a.quantity for a in asked}))
    # What has no kinks has no questions about them.
    arguments.check = [p for p in patterns if select(replace(narrowed, checks=(p,)))]
    arguments.seed = document["seed"]
    return run.main(arguments)


def _same(name: str, written: dict[str, str]) -> Spec:
    """The specification, which is still the one for which the questions were written. Raises UsageError."""
    try:
        found = loading.find(written["name"])
    except loading.SpecError as error:
        raise UsageError(str(error)) from error
    if found.digest != written["digest"]:
        raise UsageError(
            f"{name}: its specification has changed since the questions were written: write anew"
        )
    return found
