"""What a run tells of the known deviations themselves."""

from __future__ import annotations

import math
from typing import Any

import pytest

from actcheck.adapters import registry
from actcheck.conformance.deviations.files import SHIPPED, read
from actcheck.conformance.deviations.known import Deviation, Excuse, KnownDeviations
from actcheck.conformance.model import Question, Settings
from actcheck.conformance.results.records import CheckResult, record
from actcheck.conformance.results.rerun import Rerun
from actcheck.conformance.run.questions import Selection, select
from actcheck.conformance.run.staleness import review
from actcheck.reference.specification.dialects import OWN, in_dialect, named
from actcheck.reference.specification.loading import find, load_all

INF = math.inf


def entry(**fields: Any) -> Deviation:
    made: dict[str, Any] = {
        "activation": ("gelu",),
        "check": ("accuracy",),
        "excuses": (Excuse("wrong_nan", inputs=((-INF, -INF),)),),
        "seen": "NaN at -inf",
        "why": "0 times inf",
    }
    return Deviation(**(made | fields))


def test_the_shipped_files_are_sound_and_match_questions() -> None:
    for path in sorted(SHIPPED.glob("*.yaml")):
        # Other defaults are other variants. torch.yaml is of several backends.
        spoken = getattr(registry.find(path.stem), "dialect", "") if path.stem in registry.BUILT_IN else ""
        specs = (in_dialect(spec, named(spoken or OWN)) for spec in load_all().values())
        everything = Selection(tuple(specs), whole=True)
        told = list(review(KnownDeviations(read(path)), everything, {}, Rerun(Settings(path.stem))))
        assert [record.message for record in told] == []


GELU = Selection((find("gelu"),))
BOOK = KnownDeviations(
    (entry(variant=("default",), formats=("float16", "float32"), quantity=("forward",), place="f:1"),)
)
FLOAT16, FLOAT32 = "accuracy-gelu-default-float16-forward", "accuracy-gelu-default-float32-forward"


def asked(identity: str) -> Question:
    (found,) = select(Selection(tuple(load_all().values()), checks=(identity,)))
    return found


def told(known: KnownDeviations, selection: Selection, **outcomes: str) -> list[tuple[str, str]]:
    """Outcome and message of what a review tells; ``k`` after an outcome says that the excuse was seen."""
    answers = {
        identity: CheckResult(
            record(asked(identity), outcome.removesuffix("+"), "", ""),  # type: ignore[arg-type]
            ((0, 0),) if outcome.endswith("+") else (),
        )
        for identity, outcome in ((FLOAT16, outcomes.get("half")), (FLOAT32, outcomes.get("single")))
        if outcome
    }
    return [(r.outcome, r.message) for r in review(known, selection, answers, Rerun(Settings("planted")))]


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
    known = KnownDeviations(
        (entry(variant=("default",), formats=("float32",), quantity=("forward",), excuses=two),)
    )
    ((_, message),) = told(known, GELU, single="known_deviation+")
    assert "no longer seen: max_ulp" in message


def test_a_level_that_may_miss_it_does_not_call_it_stale() -> None:
    deep = KnownDeviations(tuple(Deviation(**{**vars(e), "level": "full"}) for e in BOOK.entries))
    assert told(deep, GELU, half="pass", single="pass") == []


def test_an_entry_that_matches_nothing_is_an_error() -> None:
    known = KnownDeviations((entry(variant=("alpha=2",), place="f:9"),))
    ((outcome, message),) = told(known, GELU)
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
    assert told(KnownDeviations((entry(variant=("alpha=2",)),)), part) == []


def test_an_entry_that_rests_is_not_told() -> None:
    known = KnownDeviations((entry(variant=("alpha=2",), until="2.0"),), version="2.13")
    assert told(known, GELU) == []
