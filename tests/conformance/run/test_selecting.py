"""What a run asks: names that are unknown, and checks that have nothing to ask, are told apart."""

from __future__ import annotations

import pytest

from actcheck.conformance.model import Settings
from actcheck.conformance.run.session import SessionError, selection_of


def settings(**given: tuple[str, ...]) -> Settings:
    return Settings(backend="numpy", **given)  # type: ignore[arg-type]


def test_a_check_with_a_typing_error_is_unknown() -> None:
    with pytest.raises(SessionError, match="no question matches the check kink; near: kinks; known: "):
        selection_of(settings(activations=("relu",), checks=("kink",)))


@pytest.mark.parametrize("check", ["kinks", "kinks-*-forward", "kinks-relu-default-float32-forward"])
def test_a_check_that_an_activation_does_not_have_is_not_unknown(check: str) -> None:
    with pytest.raises(SessionError) as told:
        selection_of(settings(activations=("gelu",), checks=("accuracy", check)))
    assert f"the check {check} has no question of this selection; ask it of" in str(told.value)
