"""Writing a faulty backend of one activation and quantity down in a line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from actcheck.adapters.base import Adapter
from tests.zoo.backend import Change, Changed
from tests.zoo.model import FaultyBackend


def planted(
    kind: str,
    activation: str,
    text: str,
    change: Change | Callable[[], Change],
    by: str,
    quantity: str = "forward",
    *,
    label: str = "*",
    wrong: str = "",
    stateful: bool = False,
    **more: Any,
) -> FaultyBackend:
    """The numpy backend with a change of one quantity of an activation.

    ``by`` names the check that owns it and the format in which it asks: ``accuracy-float32``. A change
    that keeps a state is made anew for each backend.
    """
    check, _, form = by.partition("-")

    def make() -> Adapter:
        return Changed(change() if stateful else change, activation, (quantity,))  # type: ignore[call-arg, arg-type]

    owner = f"{check}-{activation}-{label}-{form or '*'}-{quantity}"
    return FaultyBackend(f"{activation}: {text}", (activation,), wrong or text, kind, make, owner, **more)


def of(kind: str) -> Callable[..., FaultyBackend]:
    """The same for one kind."""
    return partial(planted, kind)
