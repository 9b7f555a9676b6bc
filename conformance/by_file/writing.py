"""A folder of questions as it is written."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from actcheck import __version__
from actcheck.adapters.base import Array
from actcheck.adapters.by_file.adapter import plain
from actcheck.adapters.by_file.folder import BACKEND, QUESTIONS, SCHEMA_ID
from actcheck.conformance.by_file.collecting import collect
from actcheck.conformance.model import Question
from actcheck.conformance.names import of_file
from actcheck.conformance.run.questions import Selection, select
from actcheck.conformance.writing import write_whole

#: The checks that ask single inputs, wherever they stand.
CHECKS = ("accuracy", "special_values", "kinks")
QUANTITIES = ("forward", "gradient")
_README = """\
Each folder here asks for one quantity of one activation in one format (questions.json says which, and with
which parameters). x.bin holds the inputs: numbers of that format, little-endian, one after the other, without
a header. Put the results beside it, as result.bin in the same form or as result.npy: the value at each x, or,
in folders with an upstream.bin, the derivative at each x times the number of upstream.bin in the same place.

backend.json says who computed them. Then: actcheck judge {folder}
"""


@dataclass(frozen=True)
class Request:
    """What to write."""

    specs: Sequence[Any]
    #: Activation id to the path of the user's own file.
    paths: dict[str, str]
    formats: tuple[str, ...]
    quantities: tuple[str, ...]
    seed: int = 0


def patterns_of(quantities: Sequence[str]) -> tuple[str, ...]:
    """The questions that are answered by file, as `--check` names them."""
    return tuple(f"{check}-*-{quantity}" for check in CHECKS for quantity in quantities)


def write(folder: Path, request: Request, tell: Callable[[str, int], None]) -> None:
    """Write the questions; ``tell`` hears of each folder and its inputs. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = [_written(folder, group, request.seed, tell) for group in _groups(request)]
    specs = {s.id: {"name": request.paths.get(s.id, s.id), "digest": s.digest} for s in request.specs}
    told = {"actcheck": __version__, "seed": request.seed, "specifications": specs, "questions": entries}
    write_whole(folder / QUESTIONS, json.dumps({"schema": SCHEMA_ID, **told}, indent=1) + "\n")
    write_whole(folder / "README.txt", _README.format(folder=folder.name))
    if not (folder / BACKEND).exists():
        name = re.sub(r"[^\w.+-]", "-", folder.resolve().name)
        backend = {"name": name, "framework": name, "version": "unknown", "device": "elsewhere"}
        write_whole(folder / BACKEND, json.dumps(backend, indent=1) + "\n")


def _groups(request: Request) -> Iterator[list[Question]]:
    """The questions, together where they ask for the same function in the same format."""
    checks = patterns_of(request.quantities)
    for spec in request.specs:
        asked = select(Selection((spec,), formats=request.formats, checks=checks))
        asked = [q for q in asked if q.format in request.formats]
        for _, group in groupby(sorted(asked, key=_folder_of), key=_folder_of):
            yield list(group)


def _folder_of(question: Question) -> str:
    return of_file(question.activation, question.label, question.format, question.quantity)


def _written(
    folder: Path, group: list[Question], seed: int, tell: Callable[[str, int], None]
) -> dict[str, Any]:
    x, upstream = collect(group, seed)
    question, name = group[0], _folder_of(group[0])
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "x.bin").write_bytes(_raw(x))
    if upstream is not None:
        (folder / name / "upstream.bin").write_bytes(_raw(upstream))
    tell(name, len(x))
    return {
        "folder": name,
        "activation": question.activation,
        "parameters": {n: plain(v) for n, v in question.variant.parameters.items()},
        "format": question.format,
        "quantity": question.quantity,
        "count": math.prod(x.shape),
    }


def _raw(array: Array) -> bytes:
    return (array if sys.byteorder == "little" else array.byteswap()).tobytes()
