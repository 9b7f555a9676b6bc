"""Every faulty backend of the zoo is caught by the check that owns it, at the level that it names."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from actcheck.reference.specification.loading import groups
from tests.support.folders import ROOT
from tests.support.thorough import one_in
from tests.zoo.asking import put
from tests.zoo.collection import ZOO
from tests.zoo.model import KINDS, FaultyBackend


@pytest.mark.parametrize("fault", one_in(4, (f for f in ZOO if f.seen_by == "quick")), ids=lambda f: f.name)
def test_its_owner_catches_it_at_quick(fault: FaultyBackend) -> None:
    found = put(fault, "quick", "owner")
    assert found.caught
    assert any(what.startswith(fault.what) for what in found.whats)


@pytest.mark.parametrize("fault", [f for f in ZOO if f.seen_by != "quick"], ids=lambda f: f.name)
def test_its_owner_catches_it_at_its_level_alone(fault: FaultyBackend) -> None:
    assert not put(fault, "quick", "owner").caught
    assert put(fault, "full", "owner").caught == (fault.seen_by == "full")


def test_quick_catches_95_percent_of_at_least_250() -> None:
    caught = [fault for fault in ZOO if fault.seen_by == "quick"]
    assert len(ZOO) >= 250
    assert len(caught) >= 0.95 * len(ZOO)


def test_names_are_unique_and_every_activation_and_kind_is_there() -> None:
    assert len({fault.name for fault in ZOO}) == len(ZOO)
    counts = Counter(activation for fault in ZOO for activation in fault.activations)
    least = {spec.id: 2 if group else 6 for group, (_, specs) in enumerate(groups()) for spec in specs}
    assert {name for name, count in least.items() if counts[name] < count} == set()
    assert {fault.kind for fault in ZOO} == set(KINDS)


def test_the_page_is_that_of_the_code() -> None:
    done = subprocess.run([sys.executable, "docs/list_faults.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "python docs/list_faults.py writes it again"
