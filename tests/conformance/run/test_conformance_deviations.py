"""Known deviations: what they excuse, how their files are read, and when they are stale."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from actcheck.adapters.torch_backend import TorchAdapter
from actcheck.conformance.deviations import files
from actcheck.conformance.deviations.files import DeviationsError, known_of, read
from actcheck.conformance.deviations.known import Deviation, Excuse, KnownDeviations
from actcheck.conformance.model import Fault, Question
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification.loading import load_all
from tests.support.faults.planted import Planted

INF, NAN = math.inf, math.nan


def question(identity: str = "accuracy-gelu-default-float32-forward") -> Question:
    (found,) = select(Selection(tuple(load_all().values()), checks=(identity,)))
    return found


def entry(**fields: Any) -> Deviation:
    made: dict[str, Any] = {
        "activation": ("gelu",),
        "check": ("accuracy",),
        "excuses": (Excuse("wrong_nan", inputs=((-INF, -INF),)),),
        "seen": "NaN at -inf",
        "why": "0 times inf",
    }
    return Deviation(**(made | fields))


@pytest.mark.parametrize(
    ("excuse", "fault", "covered"),
    [
        (Excuse("max_ulp", 5.0), Fault("max_ulp", "", 5.0, ((1, 2),)), True),
        (Excuse("max_ulp", 5.0), Fault("max_ulp", "", 5.001, ((1, 2),)), False),
        (Excuse("max_ulp", 5.0), Fault("max_ulp", "", math.nan, ((1, 2),)), False),
        (Excuse("max_ulp", 5.0), Fault("max_ulp", ""), False),
        (Excuse("max_ulp", 5.0), Fault("max_scaled_ulp", "", 1.0), False),
        (Excuse("max_ulp", 5.0, ((1, 2),)), Fault("max_ulp", "", 4.0, ((1, 2),)), True),
        (Excuse("max_ulp", 5.0, ((1, 2),)), Fault("max_ulp", "", 4.0, ((1, 2.5),)), False),
        (Excuse("max_ulp", 5.0, ((1, 2),)), Fault("max_ulp", "", 4.0), False),
        (
            Excuse("wrong_nan", None, ((-INF, -5),)),
            Fault("wrong_nan", "", 3, ((-INF, -INF), (-9, -6))),
            True,
        ),
        (Excuse("wrong_nan", None, ((-INF, -5),)), Fault("wrong_nan", "", 3, ((-INF, -4),)), False),
        (Excuse("wrong_nan", None, ((-INF, INF),)), Fault("wrong_nan", "", 1, ((NAN, NAN),)), False),
        (Excuse("wrong_nan", None, ((NAN, NAN),)), Fault("wrong_nan", "", 1, ((NAN, NAN),)), True),
        (Excuse("wrong_nan", None, ((NAN, NAN),)), Fault("wrong_nan", "", 2, ((1, 1), (NAN, NAN))), False),
        (Excuse("accepted:alpha=0"), Fault("accepted:alpha=0", ""), True),
        (Excuse("accepted:alpha=0"), Fault("accepted:alpha=nan", ""), False),
    ],
)
def test_an_excuse_covers_what_it_names(excuse: Excuse, fault: Fault, covered: bool) -> None:
    assert excuse.covers(fault) is covered


def test_faults_are_parted() -> None:
    known, new = Fault("wrong_nan", "known", 1, ((-INF, -INF),)), Fault("max_ulp", "new", 9.0, ((1, 1),))
    split = KnownDeviations((entry(),)).split(question(), (known, new))
    assert split.left == (new,)
    assert [fault for fault, reason in split.told if reason] == [known]
    assert split.reasons == ("NaN at -inf (0 times inf)",)
    assert split.seen == ((0, 0),)


@pytest.mark.parametrize(
    "other",
    [
        {"activation": ("silu",)},
        {"check": ("special_values",)},
        {"variant": ("approximate=tanh",)},
        {"formats": ("float16", "bfloat16")},
        {"quantity": ("gradient",)},
        {"until": "2.13"},
        {"since": "2.14"},
    ],
)
def test_an_entry_about_something_else_excuses_nothing(other: dict[str, Any]) -> None:
    fault = Fault("wrong_nan", "", 1, ((-INF, -INF),))
    known = KnownDeviations((entry(**other),), version="2.13.0+cpu")
    assert known.split(question(), (fault,)).left == (fault,)


def test_versions() -> None:
    assert entry(since="2.13", until="2.14").applies("2.13.1+cu126")
    assert not entry(until="2.13").applies("2.13.0+cpu")
    assert entry(since="99").applies("nightly")


FULL = """
- activation: gelu
  variant: default
  formats: [float32, float64]
  quantity: forward
  check: [accuracy, special_values]
  excuses:
    - {what: wrong_nan, inputs: [[-inf, -0x1p+64], [nan, nan]]}
    - {what: max_ulp, up_to: 7.5}
  seen: NaN
  why: erf
  issue: https://example.org/1
  since: "2.0"
  level: full
# a comment
- {activation: "*", check: defaults, excuses: [{what: "differs:alpha"}], seen: 0.2, why: history}
"""


def write(folder: Path, text: str, name: str = "x.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    full = FULL.replace("seen: 0.2", 'seen: "0.2"')
    first, second = read(write(tmp_path, full))
    assert first.formats == ("float32", "float64")
    assert first.check == ("accuracy", "special_values")
    assert first.excuses[0].inputs is not None
    assert first.excuses[0].inputs[0] == (-INF, -(2.0**64))
    assert first.excuses[1] == Excuse("max_ulp", 7.5)
    assert (first.level, first.since, first.place) == ("full", "2.0", "x.yaml:2")
    assert (second.activation, second.variant, second.place) == (("*",), ("*",), "x.yaml:16")


@pytest.mark.parametrize("text", ["", "# nothing is known\n", "[]\n"])
def test_a_file_may_list_nothing(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path, text)) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FULL, "x.yaml:16: [1].seen: 0.2 is not of type 'string'"),
        ("- {activation: gelu}\n", "x.yaml:1: [0]: 'excuses' is a required property"),
        (FULL.replace("why: erf", "whi: erf"), "'whi' was unexpected) (known: activation, "),
        (FULL.replace(", up_to: 7.5", ""), "x.yaml:9: [0].excuses[1]: 'up_to' is a required property"),
        (FULL.replace(", inputs: [[-inf, -0x1p+64], [nan, nan]]", ""), "'inputs' is a required property"),
        (FULL.replace("level: full", "level: deep"), "x.yaml:14: [0].level: 'deep' is not one of"),
        (FULL.replace("-0x1p+64", "tiny"), "x.yaml:8: [0].excuses[0].inputs[0][1]: "),
        ("- activation: [\n", "x.yaml:2: not YAML"),
        ("activation: gelu\n", "x.yaml:1: {'activation': 'gelu'} is not of type 'array'"),
        (FULL.replace("why: erf", "why: erf\n  why: twice"), "this key stands twice"),
    ],
)
def test_errors_of_a_file_are_told_with_their_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DeviationsError) as raised:
        read(write(tmp_path, text))
    assert told in str(raised.value)


def test_all_errors_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DeviationsError) as raised:
        read(write(tmp_path, FULL.replace("level: full", "level: deep")))
    assert len(str(raised.value).splitlines()) == 2


def test_the_file_of_an_adapter_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from actcheck.adapters.numpy_backend import NumpyAdapter\n"
        "class Mine(NumpyAdapter):\n"
        "    name = 'my-own'\n"
        "    def describe(self):\n"
        "        return super().describe()\n"
    )
    from actcheck.adapters.registry import find as find_adapter  # noqa: PLC0415

    adapter = find_adapter(f"{tmp_path}/mine.py:Mine")
    assert known_of(adapter).entries == ()
    fine = FULL.replace("seen: 0.2", "seen: slope")
    write(tmp_path, fine, "my-own.deviations.yaml")
    assert len(known_of(adapter).entries) == 2
    write(tmp_path, "[]", "mine.deviations.yaml")
    assert known_of(adapter).entries == ()
    adapter.deviations = "elsewhere.yaml"  # type: ignore[attr-defined]
    with pytest.raises(DeviationsError, match=r"elsewhere\.yaml: no such file"):
        known_of(adapter)
    write(tmp_path, fine, "elsewhere.yaml")
    assert len(known_of(adapter).entries) == 2


def test_a_name_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    adapter = Planted()
    adapter.name = "../adapters/deviations/torch-cpu"
    assert files.files_of(adapter) == ()


@pytest.mark.parametrize("device", ["cpu", "cuda", "cuda:1"])
def test_torch_has_a_list_for_all_devices_and_one_for_each(device: str) -> None:
    found = files.files_of(TorchAdapter(device))
    assert [path.name for path in found] == ["torch.yaml", f"torch-{device.partition(':')[0]}.yaml"]
