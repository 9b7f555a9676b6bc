"""Compiled code whose files are damaged is compiled anew, and never run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actcheck.reference.machine import compiling
from actcheck.reference.machine.compiling import exactly, fma


def _square(x: float) -> Any:
    return fma(x, x, 0.0)


@pytest.fixture
def loop(own_cache: Path) -> Callable[[], Any]:
    """The function, as a process finds it that begins."""
    compiling._folder.cache_clear()
    assert own_cache.parent.exists()
    return lambda: exactly(_square)


@pytest.fixture(autouse=True)
def _other_folders_afterwards() -> Any:
    yield
    compiling._folder.cache_clear()


def _misses(made: Any) -> int:
    assert made(3.0) == 9.0
    return sum(made.stats.cache_misses.values())


def test_what_is_whole_is_taken_from_disk(loop: Callable[[], Any]) -> None:
    assert [_misses(loop()) for _ in range(3)] == [1, 0, 0]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "truncated": lambda content: content[:-50],
    "half": lambda content: content[: len(content) // 2],
    "one bit": lambda content: content[:100] + bytes([content[100] ^ 1]) + content[101:],
    "zeros": lambda content: bytes(len(content)),
    "junk": lambda content: b"junk" * 100,
    "without its digest": lambda content: content[:-32],
    "longer": lambda content: content + b"\0",
}


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_is_compiled_anew(
    loop: Callable[[], Any], own_cache: Path, suffix: str, damage: str
) -> None:
    assert _misses(loop()) == 1
    (path,) = own_cache.rglob(f"*_square*.{suffix}")
    whole = path.read_bytes()
    path.write_bytes(DAMAGE[damage](whole))
    assert _misses(loop()) == 1
    assert _misses(loop()) == 0, "what is written anew is whole"


def test_a_lost_file_of_code_is_written_again(loop: Callable[[], Any], own_cache: Path) -> None:
    _misses(loop())
    (path,) = own_cache.rglob("*_square*.nbc")
    path.unlink()
    assert [_misses(loop()), _misses(loop())] == [1, 0]
