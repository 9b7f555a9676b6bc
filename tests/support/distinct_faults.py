"""Records of checks for tests of distinct faults: asked of a backend, or made up."""

from __future__ import annotations

from actcheck.adapters.base import Adapter
from actcheck.conformance.deviations.known import Deviation, KnownDeviations
from actcheck.conformance.model import Context, Settings
from actcheck.conformance.results.fault_records import FaultRecord
from actcheck.conformance.results.model import BackendRecord, CheckRecord, Results
from actcheck.conformance.results.records import settle
from actcheck.conformance.results.rerun import Rerun
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification.loading import load_all


def asked(
    adapter: Adapter, *activations: str, entries: tuple[Deviation, ...] = (), form: str = "float32"
) -> list[CheckRecord]:
    """What the quick questions about some activations in one format came to."""
    specs = tuple(load_all()[name] for name in activations)
    questions = select(Selection(specs, formats=(form,)))
    known = KnownDeviations(entries)
    rerun, context = Rerun(Settings(adapter.name)), Context(adapter)
    return [settle(question, ask(question, context), known, rerun).record for question in questions]


def check(
    activation: str, name: str, form: str, *faults: FaultRecord, quantity: str = "forward", label: str = ""
) -> CheckRecord:
    """A check with these faults; it fails unless all are known."""
    return CheckRecord(
        id="-".join((name, activation, label or "default", form, quantity)),
        activation=activation,
        variant=dict(part.split("=") for part in label.split(",")) if label else {},
        format=form,
        quantity=quantity,
        check=name,
        outcome="fail"
        if any(not fault.known for fault in faults)
        else "known_deviation"
        if faults
        else "pass",
        faults=faults,
    )


def results(checks: list[CheckRecord], name: str = "numpy") -> Results:
    """A document with these checks, without its distinct faults."""
    return Results(
        backend=BackendRecord(name, "numpy", "2.4.6", "cpu"),
        level="quick",
        seed=0,
        spec_digest="0" * 64,
        environment={"actcheck": "0", "python": "3.11", "platform": "x", "date": "2026-01-01"},
        checks=tuple(checks),
    )
