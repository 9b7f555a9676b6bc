"""Known deviations: what they excuse, how their files are read, and when they are stale."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from actcheck.conformance import deviation_files
from actcheck.conformance.deviation_files import DeviationsError, book_of, read
from actcheck.conformance.deviations import Book, Entry, Excuse
from actcheck.conformance.model import Fault, Question
from actcheck.conformance.questions import Selection, select
from actcheck.conformance.records import Asked
from actcheck.conformance.rerun import Rerun
from actcheck.conformance.staleness import review
from actcheck.reference.loading import find, load_all
from tests.planted import Planted

INF, NAN = math.inf, math.nan


def question(identity: str = "accuracy-gelu-default-float32-forward") -> Question:
    (found,) = select(Selection(tuple(load_all().values()), checks=(identity,)))
    return found


def entry(**fields: Any) -> Entry:
    made: dict[str, Any] = {
        "activation": ("gelu",),
        "check": ("accuracy",),
        "excuses": (Excuse("wrong_nan", inputs=((-INF, -INF),)),),
        "seen": "NaN at -inf",
        "why": "0 times inf",
    }
    return Entry(**(made | fields))


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
        (Excuse("wrong_nan", None, ((-INF, -5),)), Fault("wrong_nan", "", 3, ((-INF, -INF), (-9, -6))), True),
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
    split = Book((entry(),)).split(question(), (known, new))
    assert (split.left, split.excused) == ((new,), (known,))
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
    book = Book((entry(**other),), version="2.13.0+cpu")
    assert book.split(question(), (fault,)).left == (fault,)


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
    assert book_of(adapter).entries == ()
    fine = FULL.replace("seen: 0.2", "seen: slope")
    write(tmp_path, fine, "my-own.deviations.yaml")
    assert len(book_of(adapter).entries) == 2
    write(tmp_path, "[]", "mine.deviations.yaml")
    assert book_of(adapter).entries == ()
    adapter.deviations = "elsewhere.yaml"  # type: ignore[attr-defined]
    with pytest.raises(DeviationsError, match=r"elsewhere\.yaml: no such file"):
        book_of(adapter)
    write(tmp_path, fine, "elsewhere.yaml")
    assert len(book_of(adapter).entries) == 2


def test_a_name_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    adapter = Planted()
    adapter.name = "../adapters/deviations/torch-cpu"
    assert deviation_files.file_of(adapter) is None


def test_the_shipped_files_are_sound_and_match_questions() -> None:
    for path in sorted(deviation_files.SHIPPED.glob("*.yaml")):
        everything = Selection(tuple(load_all().values()), whole=True)
        told = list(review(Book(read(path)), everything, {}, Rerun(path.stem)))
        assert [record["message"] for record in told] == []


GELU = Selection((find("gelu"),))
BOOK = Book(
    (entry(variant=("default",), formats=("float16", "float32"), quantity=("forward",), place="f:1"),)
)
FLOAT16, FLOAT32 = "accuracy-gelu-default-float16-forward", "accuracy-gelu-default-float32-forward"


def told(book: Book, selection: Selection, **outcomes: str) -> list[tuple[str, str]]:
    """Outcome and message of what a review tells; ``k`` after an outcome says that the excuse was seen."""
    answers = {
        identity: Asked({"outcome": outcome.removesuffix("+")}, ((0, 0),) if outcome.endswith("+") else ())
        for identity, outcome in ((FLOAT16, outcomes.get("half")), (FLOAT32, outcomes.get("single")))
        if outcome
    }
    return [(r["outcome"], r["message"]) for r in review(book, selection, answers, Rerun("planted"))]


def test_a_deviation_that_is_seen_nowhere_is_stale() -> None:
    ((outcome, message),) = told(BOOK, GELU, half="pass", single="pass")
    assert outcome == "stale_deviation"
    assert message == "f:1: no longer seen: wrong_nan (NaN at -inf); remove it from the file"


@pytest.mark.parametrize(
    "outcomes",
    [
        {"half": "pass", "single": "known_deviation+"},
        {"half": "pass", "single": "fail+"},
        {"half": "pass"},
        {"half": "pass", "single": "error"},
        {"half": "unsupported", "single": "unsupported"},
        {},
    ],
)
def test_a_deviation_that_is_seen_or_not_asked_about_is_not_stale(outcomes: dict[str, str]) -> None:
    assert told(BOOK, GELU, **outcomes) == []


def test_what_is_unsupported_does_not_keep_a_deviation_from_being_stale() -> None:
    assert len(told(BOOK, GELU, half="unsupported", single="pass")) == 1


def test_one_excuse_of_several_may_be_stale() -> None:
    two = (Excuse("wrong_nan", inputs=((-INF, INF),)), Excuse("max_ulp", 9.0))
    book = Book((entry(variant=("default",), formats=("float32",), quantity=("forward",), excuses=two),))
    ((_, message),) = told(book, GELU, single="known_deviation+")
    assert "no longer seen: max_ulp" in message


def test_a_level_that_may_miss_it_does_not_call_it_stale() -> None:
    deep = Book(tuple(Entry(**{**vars(e), "level": "full"}) for e in BOOK.entries))
    assert told(deep, GELU, half="pass", single="pass") == []


def test_an_entry_that_matches_nothing_is_an_error() -> None:
    book = Book((entry(variant=("alpha=2",), place="f:9"),))
    ((outcome, message),) = told(book, GELU)
    assert outcome == "error"
    assert message.startswith("f:9: matches no check")


@pytest.mark.parametrize(
    "part",
    [
        Selection((find("silu"),)),
        Selection((find("gelu"),), formats=("float16",)),
        Selection((find("gelu"),), checks=("accuracy",)),
    ],
)
def test_a_run_of_a_part_says_nothing_of_other_parts(part: Selection) -> None:
    assert told(Book((entry(variant=("alpha=2",)),)), part) == []


def test_an_entry_that_rests_is_not_told() -> None:
    book = Book((entry(variant=("alpha=2",), until="2.0"),), version="2.13")
    assert told(book, GELU) == []
