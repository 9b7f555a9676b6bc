"""Validation against the published JSON Schema, with errors that say what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from actcheck.reference.specification.loading.documents import SHIPPED, Document
from actcheck.reference.specification.loading.errors import Place, Problem, near

PATH = SHIPPED / "schema.json"
_FEW = 8
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The published schema of a specification file."""
    loaded: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
    return loaded


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def schema_problems(document: Document) -> Iterator[Problem]:
    """What the schema finds wrong with a document; an error may be told more than once."""
    for error in _validator().iter_errors(document.data):
        place: Place = tuple(error.absolute_path)
        for below, message in _messages(error):
            yield document.problem((*place, *below), message)


def _messages(error: ValidationError) -> Iterator[tuple[Place, str]]:
    """The errors that one of the validator's stands for, each with its place below that one."""
    wanted: Any = error.validator_value
    given: Any = error.instance
    within: Any = error.schema
    match error.validator:
        case "required":
            for name in wanted:
                if name not in given:
                    yield (name,), f"missing; add it: {_description(error, name)}"
        case "additionalProperties":
            known = within["properties"]
            for name in given:
                if name not in known:
                    yield (name,), f"unknown key{near(name, known) or _listed(known)}; remove it"
        case "not":
            yield (), f"{error.absolute_path[-1]} has no place here; remove it"
        case _:
            yield (), _sentence(error)


def _listed(known: Mapping[str, Any]) -> str:
    return f" (known: {', '.join(known)})" if len(known) <= _FEW else ""


def _sentence(error: ValidationError) -> str:
    value: Any = error.instance
    wanted: Any = error.validator_value
    shown = _value_text(value)
    match error.validator:
        case "type":
            types = [wanted] if isinstance(wanted, str) else wanted
            return f"must be {' or '.join(_TYPES[t] for t in types)}, not {shown}"
        case "enum":
            near_ones = near(value, wanted) if isinstance(value, str) else ""
            return f"must be one of {', '.join(wanted)}, not {shown}{near_ones}"
        case "minItems" | "minLength" | "minProperties":
            return "must not be empty"
        case "maxItems":
            return f"must have at most {wanted} items, not {len(value)}"
        case "maxLength":
            return f"must have at most {wanted} characters, not {len(value)}"
        case "minimum":
            return f"must be at least {wanted}, not {shown}"
        case "maximum":
            return f"must be at most {wanted}, not {shown}"
        case "uniqueItems":
            return "must not hold the same value twice"
        case "pattern":
            return f"{shown} {_PATTERNS.get(wanted, f'must match {wanted}')}"
    return error.message


_PATTERNS = {
    "^[a-z][a-z0-9_]*$": "must be lower-case letters, digits and underscores, a letter first",
    "^https?://[^ ]+$": "must be an address that starts with https://",
    r"\.$": "must end with a full stop",
}


def _description(error: ValidationError, name: str) -> str:
    """What the schema says of a missing key."""
    resolver = Registry().resolver_with_root(Resource.from_contents(schema()))
    inner = resolver.lookup("").contents
    for step in error.absolute_path:
        inner = _resolved(resolver, inner)
        inner = inner["items"] if isinstance(step, int) else inner["properties"][step]
    described: str = _resolved(resolver, inner)["properties"][name]["description"]
    return described


def _resolved(resolver: Any, inner: dict[str, Any]) -> dict[str, Any]:
    """What a reference to one of the definitions stands for."""
    while "$ref" in inner:
        inner = resolver.lookup(inner["$ref"]).contents
    return inner


def _value_text(value: Any) -> str:
    for name, type_ in (("a mapping", dict), ("a list", list)):
        if isinstance(value, type_):
            return name
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= 60 else written[:57] + "..."
