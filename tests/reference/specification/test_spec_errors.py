"""Every way a specification can be malformed gives an error at its exact place, all of them at once."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import yaml

from actcheck.reference.specification.loading import SpecError, find, load, load_all
from tests.support.folders import DATA

HERE = DATA
TEXT = (HERE / "spec_bent.yaml").read_text("utf-8")
#: What is replaced by what, where the error is told, its key and its message.
MISTAKES = {m["name"]: m for m in yaml.safe_load((HERE / "spec_mistakes.yaml").read_text("utf-8"))}


def line_of(text: str, part: str) -> int:
    """The number of the line on which a part of the text stands."""
    return text[: text.index(part)].count("\n") + 1


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "bent.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def errors(folder: Path, text: str | bytes) -> list[str]:
    """The lines of the error, without the file's name."""
    path = written(folder, text)
    with pytest.raises(SpecError) as caught:
        load(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(str(path)) for line in lines)
    return [line.removeprefix(str(path)).lstrip(":") for line in lines]


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def test_the_text_itself_is_well_formed(tmp_path: Path) -> None:
    assert load(written(tmp_path, TEXT)).id == "bent"


def mistaken(mistake: dict[str, str]) -> str:
    return changed(mistake["old"], mistake["new"])


def told_at(text: str, where: str, key: str) -> str:
    """How an error about a key starts, which stands on the same line as ``where``."""
    return f"{line_of(text, where)}: " + (f"{key}: " if key else "")


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_told_at_its_place(tmp_path: Path, mistake: dict[str, str]) -> None:
    text = mistaken(mistake)
    told = errors(tmp_path, text)
    start = told_at(text, mistake["at"], mistake["key"])
    assert any(line.startswith(start) and mistake["says"] in line for line in told), told


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("log(1 + exp(x))", "+".join("x" * 1500), "definition[1].value", "longer than 2000 characters"),
        ("log(1 + exp(x))", "(" * 300 + "x" + ")" * 300, "definition[1].value", "syntax error"),
        ("b: 0.25", f"b: {'9' * 350}", "variants[1].parameters.b", "must be a binary64 number"),
        ("b: 0.25", f"b: {'9' * 5000}", "variants[1].parameters.b", "a number of more than 400 digits"),
        ("b: 0.25", "b: 1e999", "variants[1].parameters", "breaks the constraint b < 100"),
    ],
)
def test_huge_values(tmp_path: Path, old: str, new: str, key: str, says: str) -> None:
    told = errors(tmp_path, changed(old, new))
    assert any(line.startswith(told_at(TEXT, old, key)) and says in line for line in told), told


def test_an_array_has_no_place_in_an_elementwise_definition(tmp_path: Path) -> None:
    weight = "  - {name: w, type: array, shape: '(1,)', required: true, meaning: A weight.}\n"
    text = changed("shape: {input", weight + "shape: {input").replace("log(1 + exp(x))", "w*x")
    (told,) = errors(tmp_path, text)
    assert told.startswith(told_at(text, "w*x", "definition[1].value") + "w is an array")


def test_most_mistakes_give_one_line(tmp_path: Path) -> None:
    for name in ("duplicate key", "unknown function", "attribute", "missing field", "a word for a number"):
        assert len(errors(tmp_path, mistaken(MISTAKES[name]))) == 1, name


def test_all_errors_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = changed("title: Bent\n", "title: 7\n").replace("sqrt(", "sqrd(").replace("in_place: false\n", "")
    text = text.replace("ulp: 6", "ulp: six") + "id: again\n"
    told = errors(tmp_path, text)
    lines = [int(line.split(":")[0]) for line in told]
    assert lines == sorted(lines)
    keys = {line.split(": ")[1] for line in told}
    assert keys == {"id", "title", "in_place", "definition[0].value", "accuracy.gradient.ulp"}


def test_two_errors_of_meaning_are_told_at_once(tmp_path: Path) -> None:
    text = changed("parameters: {b: 0.25}", "parameters: {b: -1, c: 2}").replace(
        "default: plain", "default: plan"
    )
    told = errors(tmp_path, text)
    assert len(told) == 2
    assert "variants[1].parameters.c" in told[1]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("id: [a\ntitle: b\n", 2, "not YAML"),
        ("id: a\n\ttitle: b\n", 2, "not YAML"),
        ("id: a: b\n", 1, "mapping values are not allowed here"),
        ("id: 'a\n", 2, "found unexpected end of stream"),
        ("a\0b: c\n", 1, "a character that YAML forbids"),
        ("id: x\nb: \x07\n", 2, "a character that YAML forbids"),
        ("? [a, b]\n: c\n", 1, "a key must be a word"),
        ("- a\n- b\n", 1, "must be a mapping, not a list"),
        ("just words\n", 1, 'must be a mapping, not "just words"'),
        ("[" * 5000, 1, "nested deeper than 10 levels"),
        ("a: " * 1 + "{a: " * 50 + "1" + "}" * 50, 1, "nested deeper than 10 levels"),
        ("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", 1, "anchors are not allowed"),
    ],
)
def test_not_a_specification_at_all(tmp_path: Path, text: str, line: int, message: str) -> None:
    told = errors(tmp_path, text)
    assert any(t.startswith(f"{line}: ") and message in t for t in told), told


def test_alias_bomb_is_refused_without_unfolding(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 60)]
    told = errors(tmp_path, "\n".join(levels))
    assert sum("aliases are not allowed" in t for t in told) == 590


@pytest.mark.parametrize("empty", ["", "\n\n", "# nothing but a comment\n", "---\n...\n"])
def test_empty_file(tmp_path: Path, empty: str) -> None:
    (told,) = errors(tmp_path, empty)
    assert "the file is empty" in told or "must be a mapping, not null" in told


def test_not_utf8(tmp_path: Path) -> None:
    (told,) = errors(tmp_path, TEXT.replace("A. Author", "Clément").encode("latin-1"))
    assert told.startswith("8: ")
    assert "is not UTF-8; save the file as UTF-8" in told


def test_utf16_is_not_utf8(tmp_path: Path) -> None:
    (told,) = errors(tmp_path, TEXT.encode("utf-16"))
    assert "is not UTF-8" in told


def test_byte_order_mark_is_harmless(tmp_path: Path) -> None:
    assert load(written(tmp_path, TEXT.encode("utf-8-sig"))).id == "bent"


def test_windows_line_ends_are_harmless(tmp_path: Path) -> None:
    assert load(written(tmp_path, TEXT.replace("\n", "\r\n"))).id == "bent"
    broken = changed("zero_sign: either", "zero_sign: eithr")
    (told,) = errors(tmp_path, broken.replace("\n", "\r\n"))
    assert told.startswith(f"{line_of(broken, 'eithr')}: zero_sign: ")


def test_too_long(tmp_path: Path) -> None:
    (told,) = errors(tmp_path, TEXT + "#" * (1 << 19))
    assert "the file is longer than" in told


@pytest.mark.parametrize("name", ["none.yaml", "folder/none.yaml", "a\0b.yaml"])
def test_missing_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(SpecError, match="check the path") as caught:
        find(str(tmp_path / name))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("special", ["folder", "pipe"])
def test_not_a_file(tmp_path: Path, special: str) -> None:
    path = tmp_path / "own.yaml"
    path.mkdir() if special == "folder" else os.mkfifo(path)
    with pytest.raises(SpecError, match="this is not a file"):
        load(path)


def test_errors_survive_pickling(tmp_path: Path) -> None:
    path = written(tmp_path, changed("title: Bent\n", "title: 7\n"))
    with pytest.raises(SpecError) as caught:
        load(path)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)
    (problem,) = copy.problems
    assert (problem.line, problem.key) == (2, "title")


def test_own_file_is_loaded_afresh(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    before = load(path)
    path.write_text(changed("default: 4", "default: 5"), "utf-8")
    assert load(path).default.parameters["b"] == 5
    assert load(path).digest != before.digest
    assert "bent" not in load_all()


def test_numbers_follow_the_core_schema(tmp_path: Path) -> None:
    assert load(written(tmp_path, changed("{b: 0.25}", "{b: 1e-3}"))).variants[1].parameters["b"] == 1e-3
    octal = load(written(tmp_path, changed("{b: 0.25}", "{b: 010}"))).variants[1].parameters["b"]
    assert octal == 10
