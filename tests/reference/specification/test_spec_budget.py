"""Specifications that would take all of the time or the memory: one message, or values like any other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from actcheck.reference.specification.loading import SpecError, load
from tests.support.folders import DATA

TEXT = (DATA / "spec_bent.yaml").read_text("utf-8")
VALUE = "log(1 + exp(x))"
BEYOND = "a number must lie between 1e-400 and 1e400"
CASES = "stand for more than 128 cases"
PARTS = "has more than 20000 parts"
LARGE = "it is too large to write down"


def nested(level: Callable[[str], str], times: int) -> str:
    """An expression put into itself again and again."""
    written = "x"
    for _ in range(times):
        written = level(written)
    return written


def errors(folder: Path, old: str, new: str) -> str:
    """What is told of the file with this change."""
    assert TEXT.count(old) == 1
    path = folder / "bent.yaml"
    # The second case is the one that is tried.
    path.write_text(TEXT.replace(old, new).replace("form == 'plain'", "form == 'fancy'"), "utf-8")
    with pytest.raises(SpecError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "1e99999", "9" * 1900, "0x" + "f" * 500])
@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (VALUE, "x + {}", "definition[1].value"),
        ("b < 100", "b < {}", "constraints"),
        ("constraint: b > 0", "constraint: b > {}", "parameters[0].constraint"),
        ("{at: b, torch: 0}", "{{at: {}, torch: 0}}", "kinks[0].at"),
        ("low: 0", "low: -{}", "properties[1].low"),
        ("forward: abs(x)", "forward: abs(x) + {}", "scale.forward"),
        ("forward: {minus_infinity: 0", "forward: {{minus_infinity: {}", "limits.forward.minus_infinity"),
    ],
)
def test_a_number_beyond_all_bounds(tmp_path: Path, number: str, old: str, new: str, key: str) -> None:
    told = errors(tmp_path, old, new.format(number))
    line = next(line for line in told.splitlines() if BEYOND in line)
    assert f": {key}: {BEYOND} (column " in line
    assert number[:20] in line
    assert len(line) < len(str(tmp_path)) + 250


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (nested(lambda u: f"abs({u} - 1)", 25), CASES),
        (nested(lambda u: f"max({u}, x/3)", 25), CASES),
        (nested(lambda u: f"min({u}, x*x)", 50), CASES),
        (" + ".join(f"max(x - {n}, 0)" for n in range(30)), CASES),
        (nested(lambda u: f"x/({u} + 1)", 28), PARTS),
        (nested(lambda u: f"pi/({u} + 1)", 28), PARTS),
        (nested(lambda u: f"x*({u} + 1)", 28), PARTS),
        ("*".join(["exp(x)"] * 55), PARTS),
        *((f"{f}(" * 50 + "x" + ")" * 50, PARTS) for f in ("exp", "tanh", "erf", "Phi", "sqrt")),
        ("exp(exp(exp(x)))", LARGE),
        *((f"{f}(exp(exp(exp(x))))", LARGE) for f in ("erf", "erfc", "Phi", "sigmoid")),
        ("tanh(exp(exp(exp(x))))", "8192 bits do not settle the value of "),
        ("tanh(((x**64)**64)**64)", "8192 bits do not settle the value of "),
        ("tanh(exp(exp(x)))", "8192 bits do not settle the value of (1 - tanh(exp(exp(x)))**2)*exp(exp(x))"),
    ],
)
def test_a_definition_beyond_the_budget(tmp_path: Path, value: str, says: str) -> None:
    told = errors(tmp_path, VALUE, f'"{value}"')
    (line,) = (line for line in told.splitlines() if says in line)
    assert line.startswith(
        f"{tmp_path / 'bent.yaml'}:{TEXT[: TEXT.index('definition:')].count(chr(10)) + 1}: "
    )
    assert ": definition: " in line


@pytest.mark.parametrize(
    "value",
    [
        "((x**64)**64)**64",
        "((((x**64)**64)**64)**64)**64",
        "((exp(x)**64)**64)**64",
        "x + ((b**64)**64)**64",
        "x + ((1e-400**64)**64)**64",
        "erf(exp(exp(x)))",
        "tanh(x*1e300*1e300)",
        "erfc(((x**64)**64)**64)",
        "log(1 + (x**64)**64)",
        "exp(-x*x*1e300)",
        "1/(1 + ((x**64)**64)**64)",
    ],
)
def test_huge_numbers_are_numbers(tmp_path: Path, value: str) -> None:
    path = tmp_path / "bent.yaml"
    path.write_text(TEXT.replace(VALUE, f'"{value}"').replace("form == 'plain'", "form == 'fancy'"), "utf-8")
    assert load(path).id == "bent"


@pytest.mark.parametrize("key", ["variants", "refused", "kinks", "properties"])
def test_a_list_without_end(tmp_path: Path, key: str) -> None:
    start = TEXT.index("  - ", TEXT.index(f"{key}:\n"))
    entry = TEXT[
        start : TEXT.index("\n  -", start) if key in ("variants", "properties") else TEXT.index("\n", start)
    ]
    told = errors(tmp_path, TEXT[start : start + len(entry) + 1], f"{entry}\n" * 65)
    assert f": {key}: must have at most 64 items, not 6" in told
