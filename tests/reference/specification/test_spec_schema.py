"""The published schema accepts every shipped file and nothing less; damage gives clean errors alone."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import actcheck
from actcheck.reference.specification.loading import SpecError, load, load_all
from actcheck.reference.specification.loading.documents import read

SPECS = load_all()
SCHEMA = json.loads((Path(actcheck.__file__).parent / "spec" / "schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DATA = {name: read(Path(spec.path)).data for name, spec in SPECS.items()}
#: Mappings whose keys are names that a file chooses.
FREE = ("symbols", "parameters", "defaults")
#: Lists whose mappings hold values under names of the file's own.
VALUES = (("variants", "parameters"), ("refused", "parameters"))

Way = tuple[str | int, ...]


def below(data: Any, way: Way = ()) -> Iterator[Way]:
    """The ways to everything in a document, the document itself left out."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in items:
        yield (*way, step)
        yield from below(value, (*way, step))


def inside(data: Any, way: Way) -> Any:
    for step in way:
        data = data[step]
    return data


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_schema_describes_every_key() -> None:
    bare = [
        name
        for place in [SCHEMA, *SCHEMA["$defs"].values()]
        for name, inner in place.get("properties", {}).items()
        if "description" not in inner
    ]
    assert bare == []


def test_schema_is_strict() -> None:
    """Every mapping of fixed keys refuses others."""
    objects = [SCHEMA, *SCHEMA["$defs"].values(), *SCHEMA["properties"].values()]
    assert all(o["additionalProperties"] is False for o in objects if "properties" in o)


@pytest.mark.parametrize("name", DATA)
def test_accepts(name: str) -> None:
    VALIDATOR.validate(DATA[name])


@pytest.mark.parametrize("name", DATA)
def test_rejects_a_missing_key(name: str) -> None:
    optional = {
        "rules",
        "constraints",
        "conventions",
        *(("scale", "limits") if SPECS[name].kind == "attention" else ()),
    }
    for key in DATA[name]:
        damaged = {k: v for k, v in DATA[name].items() if k != key}
        if key == "rules" and not SPECS[name].elementwise:
            assert not VALIDATOR.is_valid(damaged)
        elif key not in optional:
            assert not VALIDATOR.is_valid(damaged), key


@pytest.mark.parametrize("name", DATA)
def test_rejects_an_unknown_key_wherever_it_stands(name: str) -> None:
    for way in [(), *below(DATA[name])]:
        damaged = copy.deepcopy(DATA[name])
        mapping = inside(damaged, way)
        if isinstance(mapping, dict) and (not way or way[-1] not in FREE):
            mapping["unheard_of"] = 1
            assert not VALIDATOR.is_valid(damaged), way


@pytest.mark.parametrize("name", DATA)
def test_rejects_a_number_for_every_text(name: str) -> None:
    """Except where an expression or a value may be a number."""
    numeric = {"value", "at", "torch", "low", "high", "default", "minus_infinity", "plus_infinity"}
    for way in below(DATA[name]):
        free = bool(numeric & set(way)) or "defaults" in way or "scale" in way or way[:1] + way[2:3] in VALUES
        if isinstance(inside(DATA[name], way), str) and not free:
            damaged = copy.deepcopy(DATA[name])
            inside(damaged, way[:-1])[way[-1]] = 12345
            assert not VALIDATOR.is_valid(damaged), way


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=12),
    st.sampled_from(["x", "-inf", "1/0", "x > 0", "log(x)", "x**2", "exp(exp(x))", "alpha", "none"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["when", "value", "kind", "x"]), st.text(max_size=3), max_size=2),
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A shipped document with up to three deletions, exchanges or duplications."""
    data = copy.deepcopy(DATA[draw(st.sampled_from(sorted(DATA)))])
    for _ in range(draw(st.integers(1, 3))):
        ways = list(below(data))
        if not ways:
            break
        way = draw(st.sampled_from(ways))
        holder: Any = inside(data, way[:-1])
        match draw(st.sampled_from(["delete", "exchange", "double"])):
            case "delete":
                del holder[way[-1]]
            case "exchange":
                holder[way[-1]] = draw(JUNK)
            case _:
                again = copy.deepcopy(holder[way[-1]])
                holder.append(again) if isinstance(holder, list) else holder.update(again=again)
    return data


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=damaged())
def test_damage_gives_a_specification_or_clean_errors(tmp_path_factory: Any, data: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), "utf-8")
    clean(path)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_text_gives_a_specification_or_clean_errors(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    content = bytearray(Path(SPECS[data.draw(st.sampled_from(sorted(SPECS)))].path).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 30)))
        content[start:end] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"\n", b"{", b"&a ", b": ", b"'"])
        )
    path = tmp_path_factory.getbasetemp() / "damaged.yaml"
    path.write_bytes(bytes(content))
    clean(path)


def clean(path: Path) -> None:
    """Loading works, or fails with errors that each name the file and a line of it."""
    try:
        load(path)
    except SpecError as error:
        problems = error.problems
    else:
        return
    lines = path.read_bytes().count(b"\n") + 2
    assert problems
    for problem in problems:
        assert problem.file == str(path)
        assert 0 <= problem.line <= lines
        assert problem.message
