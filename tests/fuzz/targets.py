"""What is fuzzed: what is drawn, and what must come of it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from actcheck.conformance.cli import main
from actcheck.conformance.deviations import files
from actcheck.reference.specification.loading import SpecError, load
from tests.fuzz import command_lines, expressions, programs
from tests.fuzz.documents import damaged, garbled
from tests.support.folders import DATA
from tests.support.report.report_results import document, entry

_SPEC = (DATA / "spec_bent.yaml").read_text("utf-8")
#: Every field of an entry.
_DEVIATIONS = """\
- activation: [elu, gelu]
  variant: default
  formats: "*"
  quantity: gradient
  check: accuracy
  excuses:
    - {what: max_ulp, up_to: 100.5, inputs: [[-1, '0x1.8p+3'], [nan, nan]]}
    - {what: wrong_nan, inputs: [[-inf, inf]]}
  seen: Much.
  why: Unknown.
  issue: https://example.org/1
  since: "2.1"
  until: "3.0"
  level: full
"""
_CHECKS = (
    entry(),
    entry(
        "elu", outcome="fail", message="wrong", grade="loose", max_ulp=[9.0, "inf"], not_faithful=7, faults=[]
    ),
    entry("relu", check="kinks", outcome="error", message="it broke"),
)
#: Commands on results; each must print, write or refuse.
_READERS = ("faults", "compare", "badge", "draft", "apply", "report", "history", "reproduce")


@dataclass(frozen=True)
class Target:
    """Something that reads."""

    #: What it is given.
    given: st.SearchStrategy[Any]
    #: Raises where something other than an answer or one message comes of it.
    read: Callable[[Any], None]
    #: Examples of the short run.
    few: int


def read_specification(written: str) -> None:
    """Load it: a specification, or errors that are one line each and begin with the place."""
    _read_file(written, load, SpecError)


def read_deviations(written: str) -> None:
    """Read a list: entries, or errors that are one line each and begin with the place."""
    _read_file(written, files.read, files.DeviationsError)


def _read_file(written: str, read: Callable[[Path], Any], refusal: type[Exception]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fuzzed.yaml")
        path.write_text(written, "utf-8", "surrogatepass")
        try:
            read(path)
            return
        except refusal as error:
            told = str(error)
        assert told
        assert all(line.startswith(str(path)) for line in told.splitlines()), told


def read_results(drawn: tuple[str, str]) -> None:
    """Give a file of results to a command."""
    written, command = drawn
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("r.json").write_text(written, "utf-8", "surrogatepass")
        Path("list.yaml").write_text(_DEVIATIONS, "utf-8")
        words = {
            "compare": ["compare", "r.json", "r.json"],
            "draft": ["deviations", "draft", "r.json", "-o", "drafted.yaml"],
            "apply": ["deviations", "apply", "list.yaml", "r.json", "-o", "applied.json"],
            "report": ["report", "r.json", "-o", "page.html"],
            "history": ["history", "r.json", "r.json", "-o", "page.html"],
            "reproduce": ["reproduce", "r.json", "1"],
        }
        called(words.get(command, [command, "r.json"]))


def read_words(words: list[str]) -> None:
    """Give a command line to the program, in a folder with files to name."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("results.json").write_text(json.dumps(document(*_CHECKS)), "utf-8")
        Path("bent.yaml").write_text(_SPEC, "utf-8")
        Path("list.yaml").write_text(_DEVIATIONS, "utf-8")
        Path("junk.json").write_bytes(os.urandom(40))
        Path("empty.yaml").touch()
        called(words)


def called(words: list[str]) -> None:
    """The program ends with a status of its own, and where it refuses, with words of its own."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            status: Any = main(words)
        except SystemExit as end:  # argparse's own
            status = end.code
    assert status in (0, 1, 2), status
    assert "Traceback" not in err.getvalue()
    if status == 2:
        assert "actcheck" in err.getvalue(), words


def _yaml(document: Any) -> str:
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def _either(sound: str) -> st.SearchStrategy[str]:
    return st.one_of(damaged(yaml.safe_load(sound)).map(_yaml), garbled(sound))


TARGETS = {
    "expressions": Target(expressions.expressions, expressions.read_expression, 300),
    "conditions": Target(expressions.conditions, expressions.read_condition, 200),
    "specifications": Target(_either(_SPEC), read_specification, 60),
    "deviations": Target(_either(_DEVIATIONS), read_deviations, 150),
    "results": Target(
        st.tuples(
            st.one_of(
                damaged(document(*_CHECKS)).map(json.dumps), garbled(json.dumps(document(*_CHECKS), indent=1))
            ),
            st.sampled_from(_READERS),
        ),
        read_results,
        60,
    ),
    "command_lines": Target(command_lines.words, read_words, 100),
    "programs": Target(programs.written, programs.read_program, 150),
}
