"""Dialects change conventions, and nothing of the law."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path

import numpy as np
import pytest

from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from actcheck.reference.specification.dialects import OWN, dialects, in_dialect, named
from actcheck.reference.specification.loading.schema import schema


def test_the_schema_knows_the_dialects_of_the_file() -> None:
    items = schema()["$defs"]["convention"]["properties"]["dialects"]["items"]
    assert [OWN, *items["enum"]] == [*dialects()]


def test_a_specification_is_written_in_the_own_dialect() -> None:
    for spec in loading.load_all().values():
        assert in_dialect(spec, named("")) is spec


def test_a_dialect_has_defaults_of_its_own_and_the_others_stay_variants() -> None:
    spec = in_dialect(loading.find("softplus"), named("jax"))
    assert spec.default.label == "default"
    assert spec.default.parameters == {"beta": 1, "threshold": inf}
    assert [p.default for p in spec.parameters] == [1, inf]
    labels = [variant.label for variant in spec.variants]
    assert labels.count("default") == 1
    assert "threshold=20" in labels
    assert "threshold=inf" not in labels
    approximate = in_dialect(loading.find("gelu"), named("jax"))
    assert [v.label for v in approximate.variants] == ["default", "approximate=none"]


def test_a_dialect_stores_parameters_in_its_format() -> None:
    spec = in_dialect(loading.find("leaky_relu"), named("onnx"))
    assert spec.default.parameters["negative_slope"] == float(np.float32(0.01))
    for variant in spec.variants:
        for value in variant.parameters.values():
            assert not isinstance(value, float) or float(np.float32(value)) == value
    assert len({repr(v.parameters) for v in spec.variants}) == len(spec.variants)


def test_what_need_not_be_refused_is_not_listed() -> None:
    spec = loading.find("softplus")
    assert in_dialect(spec, named("jax")).refused == ()
    assert spec.refused


def test_what_is_proven_is_about_the_law() -> None:
    spec = loading.find("elu")
    spoken = in_dialect(spec, named("jax"))
    assert spoken != spec
    assert bind(spoken, spoken.default) == bind(spec, spec.default)
    assert bind(spoken, spoken.default).spec is spec


def test_an_unknown_dialect_is_told() -> None:
    known = "torch, jax, tensorflow, mlx, onnx"
    with pytest.raises(ValueError, match=rf"no dialect 'jex'; near: jax; known: {known}"):
        named("jex")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{dialects: [jax], defaults: {beta: -1}, because: b}", "breaks the constraint beta > 0"),
        ("{dialects: [jax], defaults: {gamma: 1}, because: b}", "no parameter gamma"),
        ("{dialects: [jex], defaults: {beta: 2}, because: b}", "must be one of jax"),
        ("{dialects: [jax], defaults: {beta: 2}}", "because: missing"),
    ],
)
def test_errors_of_conventions_are_told(tmp_path: Path, line: str, message: str) -> None:
    text = Path(loading.find("softplus").path).read_text("utf-8")
    begin = text.index("  - {dialects:")
    path = tmp_path / "softplus.yaml"
    path.write_text(f"{text[:begin]}  - {line}{text[text.index(chr(10), begin) :]}", "utf-8")
    with pytest.raises(loading.SpecError, match=message):
        loading.load(path)


def test_the_dialects_file_is_valid_json_schema_data() -> None:
    path = Path(loading.find("relu").path).parents[1] / "dialects.schema.json"
    assert json.loads(path.read_text("utf-8"))["title"] == "Dialects"
    assert all(d.because and d.title for d in dialects().values())
