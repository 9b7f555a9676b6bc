"""Results documents read defensively: one clear error, or records that are safe to show.

Nothing that a document says is trusted: types and numbers are checked, all faults are told at once,
and text loses the characters that could change how its surroundings are shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from actcheck.conformance import values
from actcheck.conformance.judging.grading import GRADES
from actcheck.conformance.model import OUTCOMES
from actcheck.conformance.results.loaded import (
    BackendRecord,
    CheckRecord,
    ClassRecord,
    RangeRecord,
    Results,
    SegmentRecord,
    WorstRecord,
)
from actcheck.conformance.values import Reader, clean, quoted

SCHEMA = "actcheck-results/1"
#: So many faults are told one by one.
_TOLD = 8
Record = TypeVar("Record")


class ResultsError(Exception):
    """A file that cannot be read as results: what, where, and what to do."""


def read(path: str | Path) -> Results:
    """The results in a file. Raises ResultsError, with all faults of the file at once."""
    name = clean(str(path))
    document = _document(Path(path), name)
    if document.get("schema") != SCHEMA:
        raise ResultsError(f"{name}: {_other_schema(document.get('schema'))}")
    faults: list[str] = []
    header = {**document, "checks": []}
    results = _record(Results, header, _RESULTS, "", faults)
    checks = _checks(document.get("checks"), faults)
    if results is None or faults:
        raise ResultsError("\n".join(f"{name}: {fault}" for fault in _told(faults)))
    return replace(results, checks=checks, source=clean(Path(path).name))


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


def _told(faults: list[str]) -> list[str]:
    more = len(faults) - _TOLD
    return faults if more <= 0 else [*faults[:_TOLD], f"and {more} more faults"]


def _document(path: Path, name: str) -> dict[str, Any]:
    advice = "give the JSON that actcheck run --out wrote"
    try:
        document = json.loads(path.read_bytes().decode("utf-8"))
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
    return document


def _other_schema(schema: Any) -> str:
    version = re.fullmatch(r"actcheck-results/(\d{1,9})", schema) if isinstance(schema, str) else None
    if version and int(version[1]) > int(SCHEMA.rpartition("/")[2]):
        return f"was written by a newer actcheck ({version[0]}; this one reads {SCHEMA}): upgrade actcheck"
    if schema is None:
        return f"schema: is missing: give the JSON that actcheck run --out wrote ({SCHEMA})"
    return f"schema: {quoted(schema)} is not {SCHEMA}: give the JSON that actcheck run --out wrote"


def _checks(value: Any, faults: list[str]) -> tuple[CheckRecord, ...]:
    if not isinstance(value, list):
        faults.append("checks: is missing, or is not a list")
        return ()
    entries: dict[tuple[str, ...], CheckRecord] = {}
    for index, item in enumerate(value):
        entry = _record(CheckRecord, item, _ENTRY, f"checks[{index}]", faults)
        if entry is not None and entry.key in entries:
            faults.append(f"checks[{index}]: {quoted('-'.join(entry.key))} occurs twice")
        elif entry is not None:
            entries[entry.key] = entry
    return tuple(entries.values())


def _record(
    kind: type[Record], value: Any, readers: Mapping[str, Reader], where: str, faults: list[str]
) -> Record | None:
    """A record from an object; the fields without a default are required, others may be absent."""
    prefix = f"{where}." if where else ""
    if not isinstance(value, dict):
        faults.append(f"{where}: must be an object, not {quoted(value)}")
        return None
    known, before = {}, len(faults)
    for field in fields(kind):  # type: ignore[arg-type]
        optional = field.default is not MISSING or field.default_factory is not MISSING
        if field.name not in readers or (optional and value.get(field.name) is None):
            continue
        if field.name not in value:
            faults.append(f"{prefix}{field.name}: is missing")
            continue
        try:
            known[field.name] = readers[field.name](value[field.name])
        except ValueError as error:
            faults.append(f"{prefix}{field.name}: {error}")
    return kind(**known) if len(faults) == before else None


def _nested(kind: type[Record], readers: Mapping[str, Reader]) -> Reader:
    def read(value: Any) -> Record:
        faults: list[str] = []
        record = _record(kind, value, readers, "", faults)
        if record is None:
            raise ValueError("; ".join(faults).removeprefix(": "))
        return record

    return read


def _backend(value: Any) -> BackendRecord:
    known = ("name", "framework", "version", "device")
    backend: BackendRecord = _nested(BackendRecord, dict.fromkeys(known, values.text))(value)
    details = {k: v for k, v in value.items() if k not in known}
    return replace(backend, details=values.anything(details))


def _interval(value: Any) -> tuple[float, float]:
    low, high = values.list_of(values.number, 2)(value)
    if low > high:
        raise ValueError(f"the lower end {low} is above the upper end {high}")
    return low, high


def _range(value: Any) -> RangeRecord:
    return RangeRecord(*values.list_of(values.real, 2)(value))


def _segment(value: Any) -> SegmentRecord:
    low, high, ulp = values.list_of(values.number, 3)(value)
    return SegmentRecord(low, high, ulp)


_WORST = dict.fromkeys(("x", "got", "expected"), values.real)
_CLASS = {"count": values.count, "first": values.real, "ranges": values.list_of(_range)}
_ENTRY: dict[str, Reader] = {
    **dict.fromkeys(("id", "activation", "format", "quantity", "check", "message", "rerun"), values.text),
    **dict.fromkeys(("points", "not_correctly_rounded", "not_faithful"), values.count),
    **dict.fromkeys(("max_ulp", "max_scaled_ulp"), _interval),
    "variant": values.table_of(values.anything),
    "outcome": values.one_of(*OUTCOMES),
    "grade": values.one_of(*GRADES),
    "exhaustive": values.boolean,
    "classes": values.table_of(_nested(ClassRecord, _CLASS)),
    "worst": _nested(WorstRecord, _WORST),
    "histogram": values.list_of(values.count),
    "segments": values.list_of(_segment),
    "seconds": values.number,
    "notes": values.table_of(values.anything),
}
_RESULTS: dict[str, Reader] = {
    "backend": _backend,
    "checks": values.list_of(values.anything),
    "complete": values.boolean,
    "level": values.text,
    "profile": values.one_of("standard", "strict"),
    "seed": values.whole,
    "spec_digest": values.text,
    "environment": values.table_of(values.anything),
}
