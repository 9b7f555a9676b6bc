"""Scripts of attention: the call is made again from its words, and shows the fault."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from actcheck.adapters.base import Adapter
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.adapters.torch_backend import TorchAdapter
from actcheck.conformance.deviations.known import KnownDeviations
from actcheck.conformance.faults.distinct import ordered
from actcheck.conformance.faults.gathering import Group
from actcheck.conformance.model import Context, Question, Settings
from actcheck.conformance.results.fault_records import CallRecord
from actcheck.conformance.results.model import CheckRecord
from actcheck.conformance.results.records import settle
from actcheck.conformance.results.rerun import Rerun
from actcheck.conformance.run.asking import ask
from actcheck.conformance.scripts.shower import Shower
from actcheck.reference.specification.loading import load_all
from tests.conformance.scripts.test_scripts import run
from tests.support import distinct_faults
from tests.support.faults.planted_scripted import (
    AnyDropout,
    CausalIgnored,
    DropoutUnscaled,
    NoLongSequences,
)
from tests.support.folders import ROOT
from tests.support.frameworks import needs

SPECS = load_all()
SPEC = SPECS["multihead_attention"]
FILE = ROOT / "tests" / "support" / "faults" / "planted_scripted.py"
APPENDED = "embed_dim=6,num_heads=6,add_bias_kv=True,add_zero_attn=True"


def answered(adapter: Adapter, quantity: str, form: str, label: str, check: str = "attention") -> CheckRecord:
    variant = next(v for v in SPEC.variants if v.label == label)
    question = Question(check, SPEC, variant, form, quantity)
    answer = ask(question, Context(adapter))
    return settle(question, answer, KnownDeviations(()), Rerun(Settings(adapter.name))).record


def script(adapter: Adapter, name: str, group: Group) -> str:
    return Shower(SPECS, adapter, name, distinct_faults.results([])).script(group)


@pytest.mark.parametrize(
    ("adapter", "quantity", "form", "what"),
    [
        (CausalIgnored(), "forward", "float32", "max_units:is_causal"),
        (CausalIgnored(), "gradient", "bfloat16", "max_units:is_causal"),
        (DropoutUnscaled(), "dropout", "float64", "max_units:dropout"),
        (NoLongSequences(), "gradient", "float32", "raised:"),
    ],
)
def test_planted_faults_are_shown_and_honest_ones_are_not(
    tmp_path: Path, adapter: Adapter, quantity: str, form: str, what: str
) -> None:
    record = answered(adapter, quantity, form, SPEC.default.label)
    groups = [g for g in ordered([record], SPECS) if g.seen[0].fault.what.startswith(what)]
    assert groups
    name = f"{FILE}:{type(adapter).__name__}"
    for group in groups:
        text = script(adapter, name, group)
        assert "attend(" in text
        shown = run(text, tmp_path)
        assert shown.returncode == 1, shown.stdout + shown.stderr
        honest = run(text.replace(repr(name), "'numpy'"), tmp_path)
        assert honest.returncode == 0, honest.stdout + honest.stderr


def test_a_dropout_that_should_be_refused_is_shown(tmp_path: Path) -> None:
    record = answered(AnyDropout(), "any", "any", SPEC.default.label, "refused_parameters")
    groups = ordered([record], SPECS)
    assert groups
    name = f"{FILE}:AnyDropout"
    for group in groups:
        text = script(AnyDropout(), name, group)
        assert run(text, tmp_path).returncode == 1
        assert run(text.replace(repr(name), "'numpy'"), tmp_path).returncode == 0


@needs("torch")
@pytest.mark.parametrize(
    ("quantity", "form", "label"),
    [
        ("forward", "float32", APPENDED),
        ("gradient", "float64", APPENDED),
        ("masked_values", "float32", SPEC.default.label),
        ("dropout", "float16", APPENDED),
    ],
)
def test_torchs_faults_are_shown_with_torch_alone(
    tmp_path: Path, quantity: str, form: str, label: str
) -> None:
    adapter = TorchAdapter("cpu")
    groups = ordered([answered(adapter, quantity, form, label)], SPECS)
    assert groups
    for group in groups:
        text = script(adapter, "torch-cpu", group)
        assert "actcheck" not in text
        shown = run(text, tmp_path)
        assert shown.returncode == 1, shown.stdout + shown.stderr
        assert not shown.stderr


def test_a_call_that_the_question_does_not_put_is_asked_by_a_run() -> None:
    record = answered(CausalIgnored(), "forward", "float32", SPEC.default.label)
    group = ordered([record], SPECS)[0]
    hostile = tuple(
        replace(
            one, fault=replace(one.fault, call=CallRecord('path x"""\nabort()\n, no such call', "output"))
        )
        for one in group.seen
    )
    text = script(NumpyAdapter(), "numpy", replace(group, seen=hostile))
    assert "actcheck.conformance.cli" in text
    assert not any(
        isinstance(n, ast.Call) and getattr(n.func, "id", "") == "abort" for n in ast.walk(ast.parse(text))
    )
