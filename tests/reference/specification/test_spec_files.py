"""The shipped specifications are there, complete, and say what the article's table says of its 26."""

from __future__ import annotations

import hashlib
import math
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from actcheck.reference.evaluation.mp import to_fraction
from actcheck.reference.specification.binding import bind
from actcheck.reference.specification.loading import SpecError, digest_of, find, groups, load, load_all
from actcheck.reference.specification.model import Spec

INF = math.inf
#: scale*alpha to 20 digits, from the constants of the paper by hand.
SELU_LOW = -1.7580993408473768599
ORDER = [
    *(
        "elu",
        "hardshrink",
        "hardsigmoid",
        "hardtanh",
        "hardswish",
        "leaky_relu",
        "logsigmoid",
        "relu",
        "relu6",
    ),
    *(
        "rrelu",
        "selu",
        "celu",
        "gelu",
        "sigmoid",
        "silu",
        "mish",
        "softplus",
        "softshrink",
        "softsign",
        "tanh",
    ),
    *("tanhshrink", "threshold", "prelu", "glu", "crelu", "multihead_attention"),
]

#: id: (defaults, f(-inf), f(+inf), f(0), sign of a zero there, in-place form), at the default parameters.
TABLE = {
    "elu": ({"alpha": 1.0}, -1, INF, 0, "input", True),
    "hardshrink": ({"lambd": 0.5}, -INF, INF, 0, "either", False),
    "hardsigmoid": ({}, 0, 1, 0.5, None, True),
    "hardtanh": ({"min_val": -1.0, "max_val": 1.0}, -1, 1, 0, "input", True),
    "hardswish": ({}, 0, INF, 0, "input", True),
    "leaky_relu": ({"negative_slope": 0.01}, -INF, INF, 0, "input", True),
    "logsigmoid": ({}, -INF, 0, -math.log(2), None, False),
    "relu": ({}, 0, INF, 0, "either", True),
    "relu6": ({}, 0, 6, 0, "either", True),
    "rrelu": ({"lower": 1 / 8, "upper": 1 / 3}, -INF, INF, 0, "input", True),
    "selu": ({}, SELU_LOW, INF, 0, "input", True),
    "celu": ({"alpha": 1.0}, -1, INF, 0, "input", True),
    "gelu": ({"approximate": "none"}, 0, INF, 0, "input", False),
    "sigmoid": ({}, 0, 1, 0.5, None, True),
    "silu": ({}, 0, INF, 0, "input", True),
    "mish": ({}, 0, INF, 0, "input", True),
    "softplus": ({"beta": 1, "threshold": 20}, 0, INF, math.log(2), None, False),
    "softshrink": ({"lambd": 0.5}, -INF, INF, 0, "either", False),
    "softsign": ({}, -1, 1, 0, "input", False),
    "tanh": ({}, -1, 1, 0, "input", True),
    "tanhshrink": ({}, -INF, INF, 0, "either", False),
    "threshold": ({"threshold": 0.1, "value": 20}, 20, INF, 20, "definition", True),
    "hard_mish": ({}, 0, INF, 0, "input", False),
    "quick_gelu": ({}, 0, INF, 0, "input", False),
    "relu_squared": ({}, 0, INF, 0, "either", False),
    "softcap": ({"cap": 50}, -50, 50, 0, "input", False),
    "squareplus": ({"b": 4}, 0, INF, 1, "either", False),
}
STRUCTURED: dict[str, tuple[str, dict[str, object]]] = {
    "prelu": ("channelwise", {"num_parameters": 1, "init": 0.25}),
    "glu": ("gated", {"dim": -1}),
    "crelu": ("concatenating", {"dim": 1}),
    "bilinear": ("gated", {"dim": -1}),
    "geglu": ("gated", {"dim": -1, "approximate": "none"}),
    "reglu": ("gated", {"dim": -1}),
    "swiglu": ("gated", {"dim": -1}),
    "multihead_attention": (
        "attention",
        {
            "dropout": 0.0,
            "bias": True,
            "add_bias_kv": False,
            "add_zero_attn": False,
            "kdim": None,
            "vdim": None,
            "batch_first": False,
        },
    ),
}
#: Parameters that the article's page says must be refused.
REFUSED: dict[str, list[dict[str, object]]] = {
    "celu": [{"alpha": 0}],
    "softshrink": [{"lambd": -0.5}],
    "hardshrink": [{"lambd": -0.5}],
    "hardtanh": [{"min_val": 1, "max_val": -1}, {"min_val": 0.5, "max_val": 0.5}],
    "rrelu": [{"lower": 0.5, "upper": 0.25}, {"lower": -INF}, {"upper": INF}],
    "softplus": [{"beta": 0}, {"beta": -1}],
    "gelu": [{"approximate": "sigmoid"}],
}
#: Call-like titles, as the article's pictures have them.
TITLES = {
    "elu": "ELU(alpha=1.0)",
    "hardshrink": "Hardshrink(0.5)",
    "hardtanh": "Hardtanh(min_val=-1.0, max_val=1.0)",
    "rrelu": "RReLU(lower=0.125, upper=0.3333333333333333)",
    "gelu": "GELU(approximate='none')",
    "softplus": "Softplus(beta=1, threshold=20)",
    "prelu": "PReLU(num_parameters=1)",
    "silu": "SiLU()",
}

SPECS = load_all()
ELEMENTWISE = [spec for spec in SPECS.values() if spec.elementwise]


#: Beside those of the article; each has tests of its own.
NORMALIZING = {"softmax", "log_softmax", "softmin"}


def test_all_are_there_in_order() -> None:
    assert list(SPECS)[: len(ORDER)] == ORDER
    assert set(TABLE) | set(STRUCTURED) | NORMALIZING == set(SPECS)
    assert [[spec.id for spec in group] for _, group in groups()] == [ORDER, list(SPECS)[len(ORDER) :]]
    assert {spec.id for spec in ELEMENTWISE} == set(TABLE)
    assert {spec.id for spec in SPECS.values() if spec.kind == "normalizing"} == NORMALIZING


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_is_complete(spec: Spec) -> None:
    path = Path(spec.path)
    assert path.stem == spec.id
    assert spec.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert spec.input_shape
    assert spec.output_shape
    assert all(source.url and 1900 < source.year < 2026 for source in spec.sources)
    assert spec.definition or spec.formula
    assert spec.default.kind == "default"
    assert {"forward", "gradient"} <= set(spec.accuracy)
    quantities = {"forward", "gradient", "second_derivative"}
    if spec.elementwise:
        assert set(spec.limits) == set(spec.scale) == set(spec.accuracy) == quantities
    else:
        assert spec.rules


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_variants_cover_what_the_parameters_allow(spec: Spec) -> None:
    labels = [variant.label for variant in spec.variants]
    assert len(set(labels)) == len(labels)
    values = [p.name for p in spec.parameters if p.type != "array"]
    assert all(list(variant.parameters) == values for variant in spec.variants)
    if any(p.type == "real" for p in spec.parameters):
        assert {variant.kind for variant in spec.variants} == {"default", "exact", "awkward"}


@pytest.mark.parametrize("name", TABLE)
def test_table(name: str) -> None:
    spec = SPECS[name]
    defaults, low, high, at_zero, sign, in_place = TABLE[name]
    bound = bind(spec, spec.default)
    assert dict(spec.default.parameters) == defaults
    assert bound.limit("forward", -1) == low
    assert bound.limit("forward", +1) == high
    assert float(to_fraction(bound.exact("forward", Fraction(0)))) == at_zero
    assert sign is None or spec.zero_sign == sign
    assert spec.in_place is in_place


@pytest.mark.parametrize("name", STRUCTURED)
def test_structured(name: str) -> None:
    kind, defaults = STRUCTURED[name]
    spec = SPECS[name]
    assert spec.kind == kind
    assert defaults.items() <= dict(spec.default.parameters).items()
    assert not spec.in_place


@pytest.mark.parametrize("name", SPECS)
def test_defaults_are_those_declared(name: str) -> None:
    for parameter in SPECS[name].parameters:
        if not parameter.required:
            assert SPECS[name].default.parameters[parameter.name] == parameter.default
    assert (SPECS[name].default.label == "default") == (name not in ("threshold", "multihead_attention"))


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    listed = [dict(r.parameters) for r in SPECS[name].refused]
    for wanted in REFUSED[name]:
        assert any(wanted.items() <= given.items() for given in listed), wanted


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_nan_is_refused_for_every_real_parameter(spec: Spec) -> None:
    refused = {
        name
        for r in spec.refused
        for name, value in r.parameters.items()
        if isinstance(value, float) and math.isnan(value)
    }
    assert refused == {p.name for p in spec.parameters if p.type == "real"}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_title(spec: Spec) -> None:
    shown = spec.plot_title.format(**spec.default.parameters)
    assert shown == TITLES.get(spec.id, shown)
    assert shown.startswith(spec.title + "(")


def test_found_by_id_alias_and_path(tmp_path: Path) -> None:
    assert find("gelu") is SPECS["gelu"]
    assert find("swish").id == "silu"
    own = shutil.copy(SPECS["gelu"].path, tmp_path / "own.yaml")
    assert find(str(own)).digest == SPECS["gelu"].digest


def test_aliases_are_unambiguous() -> None:
    names = [name for spec in SPECS.values() for name in (spec.id, *spec.aliases)]
    assert len(set(names)) == len(names)


def test_unknown_name_offers_near_ones() -> None:
    with pytest.raises(SpecError, match="glue: no such activation; near: glu") as caught:
        find("glue")
    assert len(str(caught.value).splitlines()) == 1


def test_digest_does_not_depend_on_the_order(tmp_path: Path) -> None:
    specs = list(SPECS.values())
    assert digest_of(specs) == digest_of(reversed(specs))
    changed = tmp_path / "gelu.yaml"
    changed.write_text(Path(SPECS["gelu"].path).read_text("utf-8") + "\n# one more line\n", "utf-8")
    assert digest_of([*specs[1:], load(changed)]) != digest_of(specs)
