"""A JSON Schema as tables of its fields: one for the whole, one for each part that has a name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Schema = Mapping[str, Any]
_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minProperties": "at least {} fields",
}


def schema_page(schema: Schema) -> str:
    """The tables, as Markdown."""
    parts = schema.get("$defs", {})
    sections = ((_heading(name), part) for name, part in parts.items())
    return "\n".join(
        ["\n## The document\n", *_part(schema), *(t for h, p in sections for t in (f"\n## {h}\n", *_part(p)))]
    )


def _heading(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _part(part: Schema) -> Iterator[str]:
    yield f"{_text(part.get('description', ''))}\n"
    fields = list(_fields(part, "", part.get("required", ())))
    if fields:
        yield "| field | type | needed | meaning |\n|---|---|---|---|"
        yield from fields
    else:
        yield f"{_type(part)}. {_bounds(part)}\n"


def _fields(part: Schema, prefix: str, required: object) -> Iterator[str]:
    """A row for each field, those of fields without a name of their own below it."""
    for name, field in part.get("properties", {}).items():
        must = "required" if isinstance(required, list | tuple) and name in required else ""
        told = " ".join(filter(None, (_text(field.get("description", "")), _bounds(field))))
        yield f"| `{prefix}{name}` | {_type(field)} | {must} | {told} |"
        inner = field.get("items", field) if isinstance(field.get("items", field), Mapping) else {}
        below = f"{prefix}{name}{'[]' if 'items' in field else ''}."
        yield from _fields(inner, below, inner.get("required", ()))
    if isinstance(part.get("items"), Mapping) and not prefix:
        yield from _fields(part["items"], "[].", part["items"].get("required", ()))


def _type(field: Schema) -> str:
    """What a value is, in a few words, with a link to a part that has a name."""
    if "$ref" in field:
        name = field["$ref"].split("/")[2]
        return f"[{_heading(name).lower()}](#{_heading(name).lower().replace(' ', '-')})"
    if "const" in field or "enum" in field:
        return " or ".join(f"`{_text(json.dumps(v))}`" for v in field.get("enum", [field.get("const")]))
    if "oneOf" in field:
        return " or ".join(_type(one) for one in field["oneOf"])
    named = field.get("type", "any")
    told = " or ".join([named] if isinstance(named, str) else named)
    items = field.get("items")
    if isinstance(items, Mapping) and "$ref" in items and told == "array":
        return f"array of {_type(items)}"
    return told


def _bounds(field: Schema) -> str:
    told = [words.format(field[key]) for key, words in _BOUNDS.items() if key in field]
    told += ["each once"] * bool(field.get("uniqueItems"))
    if "pattern" in field:
        told.append(f"matches <code>{_text(field['pattern'])}</code>")
    return f"({', '.join(told)})" if told else ""


def _text(words: str) -> str:
    """Words in a cell of a table, as they are."""
    escaped = escape(words, quote=False)
    for sign in "\\`*_|[]":
        escaped = escaped.replace(sign, f"&#{ord(sign)};")
    return escaped
