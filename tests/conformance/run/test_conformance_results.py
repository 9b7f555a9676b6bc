"""The results document and the closing words."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.backends.probe import Backend
from actcheck.conformance.deviations.known import Deviation, Excuse, KnownDeviations
from actcheck.conformance.faults.distinct import distinct
from actcheck.conformance.model import OUTCOMES, Context, Failure, NotApplicable, Question, Settings
from actcheck.conformance.results import documents
from actcheck.conformance.results.json_form import plain
from actcheck.conformance.results.model import Results
from actcheck.conformance.results.reading import read
from actcheck.conformance.results.records import CheckResult, settle
from actcheck.conformance.results.rerun import Rerun
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.conformance.run.summary import LEGEND, print_summary
from actcheck.reference.specification.loading import load_all
from tests.support.faults.planted import Planted
from tests.support.report.report_results import large
from tests.zoo.collection import find

pytestmark = pytest.mark.xdist_group("results")

BACKEND = Backend(
    "planted.py:X", "planted", "numpy", "2", "cpu", ("float32",), {"device": "A", "vectors": "AVX"}
)
BOOK = KnownDeviations(
    (
        Deviation(
            ("relu",),
            ("accuracy",),
            (Excuse("wrong_nan", None, ((float("nan"),) * 2,)),),
            "NaN lost",
            "max",
        ),
    )
)


def question(identity: str) -> Question:
    (found,) = select(Selection(tuple(load_all().values()), checks=(identity,)))
    return found


#: Backends of the zoo, and a question that each fails.
FAULTS = {
    "leaky_relu: slope 0.02": "accuracy-leaky_relu-default-float32-forward",
    "leaky_relu: 0.02 below 0": "accuracy-leaky_relu-default-float16-gradient",
    "selu: 1.0517 for 1.0507 in float16": "accuracy-selu-default-float16-forward",
    "gelu: x*sigmoid(1.702*x)": "accuracy-gelu-default-float32-forward",
    "relu: 0 for NaN": "accuracy-relu-default-bfloat16-forward",
    "hardtanh: max_val for NaN": "special_values-hardtanh-default-float16-forward",
    "gelu: NaN at -infinity": "special_values-gelu-default-float64-forward",
    "sigmoid: NaN becomes 0 in the tail": "special_values-sigmoid-default-float32-forward",
    "silu: infinity for large numbers": "special_values-silu-default-float16-gradient",
    "elu: 0 for -0": "accuracy-elu-default-float64-forward",
    "tanh: one wrong input of 65,536": "accuracy-tanh-default-float16-forward",
    "hardswish: infinity for large numbers": "accuracy-hardswish-default-float32-forward",
    "mish: 16 bits become float32": "accuracy-mish-default-float16-forward",
    "mish: a dimension more": "accuracy-mish-default-float32-forward",
    "mish: a list": "special_values-mish-default-float32-forward",
    "leaky_relu: default slope 0.2": "defaults-leaky_relu-default-any-any",
    "gelu: default tanh form": "defaults-gelu-default-any-any",
    "softplus: default without a threshold": "defaults-softplus-default-any-any",
    "threshold: default threshold": "defaults-threshold-*-any-any",
    "prelu: max(x, weight*x)": "accuracy-prelu-init=1e+30-float32-forward",
}


def put(identity: str, adapter: NumpyAdapter) -> CheckResult:
    asked = question(identity)
    return settle(asked, ask(asked, Context(adapter)), BOOK, Rerun(Settings("planted.py:X")))


@pytest.fixture(scope="module")
def answers() -> list[CheckResult]:
    """One of each outcome, and faults of all kinds."""
    made = [put(identity, find(name).make()) for name, identity in FAULTS.items()]
    made += [put(i, NumpyAdapter()) for i in ("accuracy-relu-*-float32-forward", "defaults-celu-*-any-any")]
    lacking, broken = (
        question("accuracy-silu-*-float64-forward"),
        question("accuracy-silu-*-float64-gradient"),
    )
    made.append(settle(lacking, NotApplicable("nothing [there]"), BOOK, Rerun(Settings("planted.py:X"))))
    made.append(
        settle(broken, Failure("backend", "the process died", ""), BOOK, Rerun(Settings("planted.py:X")))
    )
    return list({one.record.id: one for one in made}.values())


def results(answers: list[CheckResult], complete: bool = True) -> Results:
    return Results(
        complete=complete,
        backend=documents.backend_record(BACKEND),
        environment=documents.environment(),
        level="quick",
        seed=0,
        spec_digest="0" * 64,
        checks=tuple(one.record for one in answers),
        faults=distinct([one.record for one in answers], load_all()),
    )


def document(answers: list[CheckResult]) -> dict[str, Any]:
    return documents.document(results(answers))


def test_the_document_is_valid(answers: list[CheckResult]) -> None:
    made = document(answers)
    documents.validator().validate(json.loads(json.dumps(made, allow_nan=False)))
    assert {r["outcome"] for r in made["checks"]} == {
        "pass",
        "fail",
        "known_deviation",
        "unsupported",
        "error",
    }
    assert sum(made["summary"].values()) == len(answers)


def test_the_schema_itself_is_valid() -> None:
    validator = documents.validator()
    validator.check_schema(validator.schema)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("complete"),
        lambda d: d.update(schema="actcheck-results/1"),
        lambda d: d["checks"][0].pop("rerun"),
        lambda d: d["checks"][0].update(outcome="skipped"),
        lambda d: d["checks"][0].update(surprise=1),
        lambda d: d["checks"][0].update(max_ulp=[1.0]),
        lambda d: d["checks"][0].update(worst={"x": 1.5, "got": "nan", "expected": "inf"}),
        lambda d: d["summary"].pop("error"),
    ],
)
def test_the_schema_refuses_what_is_no_result(answers: list[CheckResult], change: Any) -> None:
    made = json.loads(json.dumps(document(answers)))
    change(made)
    assert not documents.validator().is_valid(made)


def test_what_others_made_by_hand_is_valid_too() -> None:
    made = large()
    made["summary"] = dict.fromkeys(OUTCOMES, 0)
    made["environment"] |= {"actcheck": "0", "platform": "Linux"}
    errors = [error.message for error in documents.validator().iter_errors(made)]
    assert errors == []


def test_floats_that_matter_are_hexadecimal(answers: list[CheckResult]) -> None:
    (record,) = [
        plain(o.record) for o in answers if o.record.id == "accuracy-hardswish-default-float32-forward"
    ]
    infinite = record["classes"]["wrong_infinity"]
    assert infinite["first"].startswith("0x1.")
    assert infinite["ranges"] == [[infinite["first"], (2.0**128 - 2.0**104).hex()]]
    assert set(record["worst"]) == {"x", "got", "expected"}
    assert float.fromhex(record["worst"]["x"]).is_integer() or record["worst"]["x"].startswith(("0x", "-0x"))


def test_a_frameworks_details_do_not_replace_what_the_document_says(answers: list[CheckResult]) -> None:
    backend = document(answers)["backend"]
    assert (backend["name"], backend["device"], backend["vectors"]) == ("planted", "cpu", "AVX")


def test_what_is_written_is_what_is_read(answers: list[CheckResult], tmp_path: Path) -> None:
    path, made = tmp_path / "results.json", results(answers)
    documents.write(path, made)
    again = read(path)
    assert documents.document(again) == documents.document(made)
    assert json.loads(path.read_text("utf-8")) == json.loads(json.dumps(documents.document(made)))


def test_a_file_is_written_whole_or_not_at_all(answers: list[CheckResult], tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("before")
    with pytest.raises(ValueError, match="not JSON compliant"):
        documents.write(path, replace(results(answers), environment={"bad": float("nan")}))
    assert path.read_text() == "before"
    documents.write(path, results(answers))
    assert len(read(path).checks) == len(answers)
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]


def printed(answers: list[CheckResult], complete: bool = True) -> str:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    print_summary(results(answers, complete), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_fits(answers: list[CheckResult]) -> None:
    text = printed(answers)
    table, _, more = text.partition("Forward, gradient:")
    assert max(map(len, table.splitlines())) <= 80
    assert max(map(len, more.splitlines()[:4])) <= 79
    rows = {line.split()[0]: line for line in table.splitlines()[1:]}
    assert set(rows) == {o.record.activation for o in answers}
    assert "✗" in rows["gelu"]
    assert "k" in rows["relu"].removeprefix("relu")
    assert "!" in rows["silu"]


def test_failures_tell_everything(answers: list[CheckResult]) -> None:
    text = printed(answers)
    failed = sum(o.record.outcome in ("fail", "error") for o in answers)
    assert f" behind {failed} failed checks, the most serious first" in text
    assert "expected" in text
    assert "actcheck faults FILE tells all" in text
    assert "NaN lost (max)" in text
    assert "nothing [there] (1 check)" in text
    assert text.rstrip().splitlines()[-1].startswith("planted: ")


def test_when_everything_fails_alike_one_line_says_so() -> None:
    broken = [
        settle(
            question(i),
            Failure("backend", "ImportError: no kernels", "", raised=True),
            BOOK,
            Rerun(Settings("x")),
        )
        for i in ("accuracy-silu-*-float64-forward", "accuracy-relu-*-float32-forward")
    ]
    text = printed(broken)
    assert "All 2 checks fail alike. silu, relu: the call fails: ImportError: no kernels" in text
    assert "Wrong for" not in text


def test_an_interrupted_run_says_so(answers: list[CheckResult]) -> None:
    assert "(interrupted)" in printed(answers, complete=False)


def test_nothing_at_all_can_be_told() -> None:
    assert "nothing was asked" in printed([])


def test_the_legend_names_every_letter() -> None:
    assert all(f"{letter} " in LEGEND for letter in "EFTBSL")


def test_a_planted_backend_is_not_taken_for_a_good_one() -> None:
    assert (
        put("accuracy-relu-*-float32-forward", Planted("relu", lambda x, y, p: -y)).record.outcome == "fail"
    )
