"""The processor's mode: seen, told, kept apart and put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from actcheck.reference.machine.environment import control
from actcheck.reference.machine.environment.apart import Apart, ModeError
from actcheck.reference.machine.environment.modes import SOUND, mode_text, modes
from tests.support.faults.planted_reaching import flush, round_up


@pytest.fixture(autouse=True)
def _sound() -> Iterator[None]:
    assert modes() == SOUND
    yield
    assert control.put_sound()


def test_the_default_mode_is_sound() -> None:
    assert mode_text(SOUND) == ""


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (flush, "takes subnormal inputs for zero and flushes subnormal results to zero"),
        (round_up, "rounds up"),
    ],
)
def test_a_mode_is_seen_and_put_back(act: Callable[[], None], told: str) -> None:
    pytest.importorskip("torch", reason="torch sets the flush mode")
    act()
    assert mode_text(modes()) == told
    assert control.put_sound()
    assert modes() == SOUND


@pytest.mark.parametrize(
    ("differs", "told"),
    [
        ((0,), "takes subnormal inputs for zero"),
        ((1,), "flushes subnormal results to zero"),
        ((2, 5), "rounds up"),
        ((3, 4), "rounds down"),
        ((4, 5), "rounds towards zero"),
        ((1, 4, 5), "flushes subnormal results to zero and rounds towards zero"),
    ],
)
def test_each_mode_has_its_words_in_either_format(differs: tuple[int, ...], told: str) -> None:
    for carrier, first in ((np.uint32, 0), (np.uint64, 24)):
        seen = bytearray(SOUND)
        for at in differs:
            seen[first + at * np.dtype(carrier).itemsize] ^= 1
        assert mode_text(bytes(seen)) == told


def test_a_change_in_a_call_is_told_and_undone() -> None:
    apart = Apart()
    assert apart.run(lambda: 1) == 1
    assert apart.change == ""
    apart.run(round_up)
    assert (apart.change, modes()) == ("rounds up", SOUND)
    found = apart.run(modes)
    assert (apart.change, found) == ("", SOUND), "the next call finds what the first one found"


def test_a_change_in_a_call_that_raises_is_told_and_undone() -> None:
    def call() -> None:
        round_up()
        raise ValueError("no")

    apart = Apart()
    with pytest.raises(ValueError, match="no"):
        apart.run(call)
    assert (apart.change, modes()) == ("rounds up", SOUND)


def test_what_is_loaded_with_a_mode_computes_in_it_and_nothing_else_does() -> None:
    apart = Apart()
    apart.load(round_up)
    assert (apart.own, modes()) == ("rounds up", SOUND)
    assert mode_text(apart.run(modes)) == "rounds up"
    assert (apart.change, modes()) == ("", SOUND)
    apart.run(control.put_sound)
    assert apart.change == "no longer rounds up"
    assert mode_text(apart.run(modes)) == "rounds up"


def test_a_mode_that_was_set_before_is_adopted() -> None:
    round_up()
    apart = Apart()
    assert (apart.own, modes()) == ("rounds up", SOUND)


def test_numpys_settings_of_errors_are_kept() -> None:
    before = np.geterr()
    Apart().run(lambda: np.seterr(all="raise"))
    assert np.geterr() == before


def test_where_the_mode_cannot_be_changed_nothing_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    apart = Apart()
    with monkeypatch.context() as patch:
        patch.setattr(control, "put_sound", lambda: False)
        with pytest.raises(ModeError, match="the processor rounds up since the backend was called"):
            apart.run(round_up)
