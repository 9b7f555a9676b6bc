"""A sweep that is killed at a moment by chance: the same command comes to the same result."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from actcheck.conformance.sampling.drawing import PART
from tests.support.folders import without_journals
from tests.support.sweeps.killing import SAMPLED, Sweeping, Victim

PARTS = 4
#: Two processes compute one each, and may be done with them at the same time.
WORKERS = 2
pytestmark = pytest.mark.xdist_group("sweep_killed")


@dataclass(frozen=True)
class Whole:
    """A sweep that nobody disturbed."""

    sweeping: Sweeping
    record: dict[str, Any]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    sweeping = Sweeping(
        [*SAMPLED, "--points", str(PARTS * PART)], without_journals(tmp_path_factory.mktemp("cache"))
    )
    done = sweeping.run()
    assert done.status == 1, done.told
    assert done.record is not None
    return Whole(sweeping, done.record)


@pytest.mark.parametrize("victim", ["parent", "worker"])
def test_a_killed_sweep_comes_to_the_same_result(whole: Whole, victim: Victim) -> None:
    chance = Random(victim)
    first, last = whole.sweeping.disturbed(victim, chance.randrange(PARTS - WORKERS), chance)
    assert first.killed
    assert first.record in (None, whole.record)
    assert last.record == whole.record, last.told
    assert not whole.sweeping.ledgers
