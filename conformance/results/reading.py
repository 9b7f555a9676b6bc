"""Results documents read defensively: one clear error, or records that are safe to show.

Nothing that a document says is trusted: types and numbers are checked, all faults are told at once,
and text loses the characters that could change how its surroundings are shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from actcheck.conformance.json_values import clean, quoted
from actcheck.conformance.results.json_form import checked
from actcheck.conformance.results.model import CheckRecord, Results
from actcheck.conformance.usage import UsageError

#: The version that is written; older ones, which lack some fields, are read as well.
SCHEMA = "actcheck-results/2"
_OLDER = ("actcheck-results/1",)
#: So many faults are told one by one.
_TOLD = 8
_DEEPEST = 40
#: Many times what a run with all questions writes.
_LARGEST = 1 << 28


class ResultsError(UsageError):
    """A file that cannot be read as results: what, where, and what to do."""


def read(path: str | Path) -> Results:
    """The results in a file. Raises ResultsError, with all faults of the file at once."""
    name = clean(str(path))
    document = _document(Path(path), name)
    if document.get("schema") not in (SCHEMA, *_OLDER):
        raise ResultsError(f"{name}: {_other_schema(document.get('schema'))}")
    faults: list[str] = []
    results = checked(Results, {**document, "source": Path(path).name}, faults)
    faults += _twice(results.checks) if results else ()
    if results is None or faults:
        raise ResultsError("\n".join(f"{name}: {fault}" for fault in _first_faults(faults)))
    return results


def read_all(paths: Iterable[str | Path]) -> tuple[Results, ...]:
    """The results in several files. Raises ResultsError, with the faults of all of them."""
    found: list[Results] = []
    errors: list[str] = []
    for path in paths:
        try:
            found.append(read(path))
        except ResultsError as error:
            errors.append(str(error))
    if errors:
        raise ResultsError("\n".join(errors))
    return tuple(found)


def _first_faults(faults: list[str]) -> list[str]:
    more = len(faults) - _TOLD
    return faults if more <= 0 else [*faults[:_TOLD], f"and {more} more faults"]


def _document(path: Path, name: str) -> dict[str, Any]:
    advice = "give the JSON that actcheck run --out wrote"
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)  # a device may have no end
        if len(content) > _LARGEST:
            raise ResultsError(f"{name}: is longer than {_LARGEST} bytes: {advice}")
        document = json.loads(content.decode("utf-8"))
    except OSError as error:
        raise ResultsError(f"{name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ResultsError(f"{name}: is not UTF-8 text: {advice}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ResultsError(f"{name}: is not whole JSON ({where}): {advice}") from error
    except (RecursionError, ValueError) as error:
        raise ResultsError(f"{name}: cannot be taken in ({clean(str(error))}): {advice}") from error
    if not isinstance(document, dict):
        raise ResultsError(f"{name}: holds no JSON object: {advice}")
    if _is_deep(document):
        raise ResultsError(f"{name}: is nested deeper than {_DEEPEST} levels: {advice}")
    return document


def _is_deep(document: Any) -> bool:
    """Whether lists and objects stand in one another deeper than in any results; without recursion."""
    level = [document]
    for _ in range(_DEEPEST):
        held = [tuple(v.values()) if isinstance(v, dict) else v for v in level if isinstance(v, dict | list)]
        level = [item for items in held for item in items]
        if not level:
            return False
    return True


def _other_schema(schema: Any) -> str:
    version = re.fullmatch(r"actcheck-results/(\d{1,9})", schema) if isinstance(schema, str) else None
    if version and int(version[1]) > int(SCHEMA.rpartition("/")[2]):
        return f"was written by a newer actcheck ({version[0]}; this one reads {SCHEMA}): upgrade actcheck"
    if schema is None:
        return f"schema: is missing: give the JSON that actcheck run --out wrote ({SCHEMA})"
    return f"schema: {quoted(schema)} is not {SCHEMA}: give the JSON that actcheck run --out wrote"


def _twice(checks: Iterable[CheckRecord]) -> Iterator[str]:
    seen = set()
    for index, check in enumerate(checks):
        if check.key in seen:
            yield f"checks[{index}]: {quoted('-'.join(check.key))} occurs twice"
        seen.add(check.key)
