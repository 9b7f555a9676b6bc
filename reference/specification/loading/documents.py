"""YAML to plain data with the line of every key; nothing that a specification does not need is read.

Scalars follow YAML 1.2's core schema, so that 1e30 is a number and ``no`` is a word. Duplicate keys, anchors,
aliases and tags are errors. The parser's events are read one by one: no recursion, and nothing is built
that the file does not spell out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

import yaml

from actcheck.reference.specification.loading.errors import Place, Problem, SpecError, key_text

#: What is shipped, beside the package of the mathematics.
SHIPPED = Path(str(resources.files("actcheck.reference"))).with_name("spec")
#: libyaml's parser, where PyYAML was built with it, takes a tenth of the time.
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST = 1 << 18
_DEEPEST = 10
_LONGEST_NUMBER = 400
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NAMED = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True)
class Document:
    """A file's data, and where each part of it stands."""

    file: str
    content: bytes
    data: Any
    #: The line of every key and list element, counted from 1.
    lines: dict[Place, int]
    #: Every scalar as it is written: a constant's digits count, not the number they round to.
    texts: dict[Place, str]
    #: Duplicate keys, anchors, aliases and tags.
    problems: tuple[Problem, ...]

    def problem(self, place: Place, message: str) -> Problem:
        """An error at a place; its line is that of the nearest key above which the file has."""
        known = place
        while known not in self.lines and known:
            known = known[:-1]
        return Problem(self.file, self.lines.get(known, 1), key_text(place), message)


def read(path: Path) -> Document:
    """The document in a file.

    Raises SpecError where it cannot be read at all: missing, too long, not UTF-8, not YAML, too deep.
    """
    return read_bytes(str(path), _content(path))


def read_bytes(file: str, content: bytes) -> Document:
    """The document in these bytes; ``file`` names them in messages. Raises SpecError as `read` does."""
    if len(content) > _LARGEST:
        message = f"the file is longer than {_LARGEST} bytes; a specification needs a few thousand"
        raise SpecError([Problem(file, 0, "", message)])
    text = _text(file, content)
    try:
        reading = _read(file, text, _FAST)
    except yaml.YAMLError:
        # Told in the words of the parser that is always there.
        reading = _read(file, text, yaml.SafeLoader)
    if not reading.lines:
        message = "the file is empty; spec/README.md shows what a specification holds"
        raise SpecError([Problem(file, 0, "", message)])
    return Document(file, content, reading.root[0], reading.lines, reading.texts, tuple(reading.problems))


def _read(file: str, text: str, loader: Any) -> _Reading:
    reading = _Reading(file)
    try:
        for event in yaml.parse(text, Loader=loader):
            reading.take(event)
    except yaml.YAMLError as error:
        if loader is not yaml.SafeLoader:
            raise
        raise SpecError([*reading.problems, _syntax(file, text, error)]) from None
    return reading


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _content(path: Path) -> bytes:
    def refusal(message: str) -> SpecError:
        return SpecError([Problem(str(path), 0, "", message)])

    try:
        other = path.is_dir() or path.is_fifo() or path.is_socket() or path.is_char_device()
    except OSError as error:  # a name that is too long
        raise refusal(f"the file cannot be read: {error.strerror}") from None
    if other:
        raise refusal("this is not a file; give the path of a YAML file")
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except SpecError:
        raise
    except (FileNotFoundError, NotADirectoryError, ValueError):
        # ValueError: a null byte in the path.
        raise refusal("no such file; check the path") from None
    except OSError as error:
        raise refusal(f"the file cannot be read: {error.strerror}") from None
    return content


def _text(file: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        raise SpecError([Problem(file, line, "", message)]) from None


def _syntax(file: str, text: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        return Problem(file, line, "", "a character that YAML forbids stands here; remove it")
    parts = [getattr(error, name, None) for name in ("context", "problem")]
    found = ", ".join(part for part in parts if part)
    advice = "quote text that holds , : # or brackets"
    return Problem(file, mark.line + 1, "", f"not YAML: {found} (column {mark.column + 1}); {advice}")


@dataclass
class _Open:
    """A mapping or list that is still being read."""

    value: dict[str, Any] | list[Any]
    place: Place
    #: The key whose value comes next.
    key: str | None = None


@dataclass
class _Reading:
    file: str
    lines: dict[Place, int] = field(default_factory=dict)
    texts: dict[Place, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    root: list[Any] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent() if self.root:
                self.refuse((), event, "a second document starts here; a file holds one specification")
            case yaml.CollectionEndEvent():
                self.open.pop()
            case yaml.NodeEvent():
                self.node(event)

    def node(self, event: yaml.NodeEvent) -> None:
        holder = self.open[-1] if self.open else None
        if holder is not None and isinstance(holder.value, dict) and holder.key is None:
            self.start_key(holder.value, holder, event)
            return
        place = self.next_place(holder)
        self.lines.setdefault(place, _line(event))
        self.check(place, event)
        value = self.value(place, event)
        self.attach(holder, value)
        if isinstance(value, dict | list):
            self.open.append(_Open(value, place))

    def start_key(self, mapping: dict[str, Any], holder: _Open, event: yaml.NodeEvent) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self.stop(holder.place, event, "a key must be a word, not a list or a mapping")
        place = (*holder.place, event.value)
        self.check(place, event)
        if event.value in mapping:
            first = self.lines[place]
            self.refuse(place, event, f"this key stands twice (first on line {first}); remove one")
        self.lines.setdefault(place, _line(event))
        holder.key = event.value

    def next_place(self, holder: _Open | None) -> Place:
        if holder is None:
            return ()
        return (*holder.place, len(holder.value) if holder.key is None else holder.key)

    def check(self, place: Place, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent):
            message = f"aliases are not allowed; write out what *{event.anchor} stands for, or quote it"
            self.refuse(place, event, message)
        elif event.anchor:
            self.refuse(place, event, f"anchors are not allowed; remove &{event.anchor}, or quote it")
        elif tag := getattr(event, "tag", None):
            self.refuse(place, event, f"tags are not allowed; remove {tag}, or quote it")

    def value(self, place: Place, event: yaml.NodeEvent) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            self.texts[place] = event.value
            return self.scalar(place, event) if event.implicit[0] else event.value
        if isinstance(event, yaml.AliasEvent):
            return None
        if len(self.open) == _DEEPEST:
            self.stop(place, event, f"nested deeper than {_DEEPEST} levels, which no field needs")
        started: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        return started

    def attach(self, holder: _Open | None, value: Any) -> None:
        if holder is None:
            self.root.append(value)
        elif isinstance(holder.value, list):
            holder.value.append(value)
        else:
            # The first of two equal keys stands; the second is an error already.
            holder.value.setdefault(str(holder.key), value)
            holder.key = None

    def scalar(self, place: Place, event: yaml.ScalarEvent) -> Any:
        written = event.value
        if written in _WORDS:
            return _WORDS[written]
        if not (_INTEGER.fullmatch(written) or _REAL.fullmatch(written) or _NAMED.fullmatch(written)):
            return written
        if len(written) > _LONGEST_NUMBER:
            self.refuse(place, event, f"a number of more than {_LONGEST_NUMBER} digits; shorten it")
            return 0
        if _INTEGER.fullmatch(written):
            return int(written)
        return float(re.sub(r"\.(?=[a-z])", "", written.lower()))

    def refuse(self, place: Place, event: yaml.Event, message: str) -> None:
        self.problems.append(Problem(self.file, _line(event), key_text(place), message))

    def stop(self, place: Place, event: yaml.Event, message: str) -> NoReturn:
        self.refuse(place, event, message)
        raise SpecError(self.problems)
