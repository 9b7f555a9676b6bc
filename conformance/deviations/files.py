"""Known deviations from their YAML files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import cattrs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from actcheck.adapters.base import Adapter
from actcheck.conformance.deviations.known import ALL, Deviation, KnownDeviations
from actcheck.reference.specification.loading.documents import Document
from actcheck.reference.specification.loading.documents import read as read_yaml
from actcheck.reference.specification.loading.errors import Place, Problem, SpecError

SCHEMA = resources.files(__package__) / "schema.json"
#: Those that are shipped, one file a framework and one a backend.
SHIPPED = Path(str(resources.files("actcheck.adapters"))) / "deviations"


class DeviationsError(ValueError):
    """A file of known deviations that cannot be used; all its errors, one a line."""


def known_of(adapter: Adapter) -> KnownDeviations:
    """The known deviations of a backend; none where no file lists any. Raises DeviationsError."""
    return KnownDeviations(read_all(files_of(adapter)), adapter.describe().version)


def files_of(adapter: Adapter) -> tuple[Path, ...]:
    """The files of a backend's known deviations, if there are any.

    One is the adapter's attribute ``deviations`` (a path, relative to the adapter's file), or lies beside the
    adapter's file as ``<file's or adapter's name>.deviations.yaml``. Else those that are shipped count: what
    a framework does on every device (``torch.yaml``), and on one (``torch-cuda.yaml``).
    Raises DeviationsError where the attribute names no file.
    """
    home = home_of(adapter)
    given = getattr(adapter, "deviations", None)
    if given is not None:
        path = home.parent / str(given)
        if not path.is_file():
            raise DeviationsError(f"{path}: no such file, which the adapter {adapter.name!r} names")
        return (path,)
    beside = [f"{home.stem}.deviations.yaml"]
    shipped = []
    # torch-cuda:1 is like torch-cuda, and a backend with options like the one without.
    name = adapter.name.partition("[")[0].partition(":")[0]
    # A name from elsewhere must not lead out of the folder.
    if re.fullmatch(r"[\w.+-]+", name):
        beside.append(f"{name}.deviations.yaml")
        if any(folder.samefile(SHIPPED.parent) for folder in home.parents):
            shipped = [SHIPPED / f"{part}.yaml" for part in dict.fromkeys((name.partition("-")[0], name))]
    found = [path for path in (home.with_name(file) for file in beside) if path.is_file()][:1]
    return tuple(found or (path for path in shipped if path.is_file()))


def home_of(adapter: Adapter) -> Path:
    """The file that defines a backend: its ``home``, where it has one, or else that of its class.

    The class may be of no importable module; its code knows.
    """
    given = getattr(adapter, "home", None)
    return Path(given) if given is not None else Path(type(adapter).describe.__code__.co_filename)


def read_all(paths: Iterable[Path]) -> tuple[Deviation, ...]:
    """The entries of files, one after the other. Raises DeviationsError."""
    return tuple(entry for path in paths for entry in read(path))


def read(path: Path) -> tuple[Deviation, ...]:
    """The entries of a file. Raises DeviationsError with all its errors as ``file:line: key: message``."""
    try:
        if not _has_content(path):
            return ()
        document = read_yaml(path)
    except SpecError as error:
        raise DeviationsError(str(error)) from error
    problems = [*document.problems, *_problems(document)] or [*_number_problems(document)]
    if problems:
        raise DeviationsError(str(SpecError(problems)))
    entries = enumerate(document.data)
    return tuple(_entry(data, f"{path.name}:{document.lines[(index,)]}") for index, data in entries)


def _has_content(path: Path) -> bool:
    """Whether there is anything but comments; what cannot be read is left to the reader's message."""
    try:
        if not path.is_file():
            return True
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return True
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines)


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def _problems(document: Document) -> Iterator[Problem]:
    for error in _validator().iter_errors(document.data):
        inner = error
        if error.context:
            inner = best_match(error.context) or error
        yield document.problem(tuple(error.absolute_path), _message(inner))


def _number_problems(document: Document) -> Iterator[Problem]:
    """Numbers that float64 does not hold."""
    for index, entry in enumerate(document.data):
        for number, excuse in enumerate(entry["excuses"]):
            place: Place = (index, "excuses", number)
            ends = (
                ((*place, "inputs", i, end), value)
                for i, span in enumerate(excuse.get("inputs", ()))
                for end, value in enumerate(span)
            )
            for at, value in (((*place, "up_to"), excuse.get("up_to", 0)), *ends):
                try:
                    _number(value, None)
                except (ValueError, OverflowError):
                    yield document.problem(at, "lies beyond float64; give a number up to 1.8e308, or inf")


def _message(error: ValidationError) -> str:
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    listed = f" (known: {', '.join(known)})" if error.validator == "additionalProperties" else ""
    return error.message + listed


def _entry(data: dict[str, Any], place: str) -> Deviation:
    return _CONVERTER.structure({**data, "place": place}, Deviation)


def _names(given: str | list[str], _: Any) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given)
    return ALL if "*" in names else names


def _number(given: float | str, _: Any) -> float:
    return float.fromhex(given) if isinstance(given, str) else float(given)


_CONVERTER = cattrs.Converter()
_CONVERTER.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _names)
_CONVERTER.register_structure_hook(float, _number)
