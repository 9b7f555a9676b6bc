"""`actcheck questions` and `actcheck judge`: what is computed elsewhere is judged as what is called."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter
from actcheck.adapters.by_file.folder import Asked, Folder
from actcheck.adapters.by_file.lookup import patterns
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.adapters.registry import find
from actcheck.conformance.cli import main
from actcheck.conformance.model import Context, Finding, Question
from actcheck.conformance.names import of_folder
from actcheck.conformance.results.documents import validator
from actcheck.conformance.run.asking import ask
from actcheck.reference.specification import loading
from tests.support.thorough import one_in

Array = NDArray[Any]


def computed(asked: Asked, adapter: Adapter) -> Array:
    """What a backend answers to a question."""
    x, upstream = asked.inputs()
    words = ("nan", "inf", "-inf")
    parameters = {n: float(v) if v in words else v for n, v in asked.parameters.items()}
    if upstream is None:
        found = adapter.forward(asked.activation, x, parameters)
    else:
        found = adapter.gradient(asked.activation, x, upstream, parameters)
    assert isinstance(found, np.ndarray)
    return found


def put(asked: Asked, result: Array) -> None:
    (asked.path / "result.bin").write_bytes(result.tobytes())


def written(folder: Path, *more: str) -> list[Asked]:
    assert main(["questions", *more, "-o", str(folder)]) == 0
    return list(Folder(folder).questions())


def judged(folder: Path, out: Path) -> tuple[int, dict[str, Any]]:
    status = main(["judge", str(folder), "--out", str(out), "-n", "2"])
    made: dict[str, Any] = json.loads(out.read_text("utf-8"))
    validator().validate(made)
    return status, made


@pytest.mark.usefixtures("own_cache")
def test_what_has_no_kinks_is_judged(tmp_path: Path) -> None:
    folder = tmp_path / "mcu"
    for asked in written(folder, "tanh"):
        put(asked, computed(asked, NumpyAdapter()))
    status, made = judged(folder, tmp_path / "by_file.json")
    assert status == 0
    assert {c["check"] for c in made["checks"]} == {"accuracy", "special_values"}
    assert all(c["outcome"] == "pass" for c in made["checks"])


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize("forms", one_in(2, [("float32",), ("float32", "bfloat16")]), ids=str)
def test_right_results_are_judged_as_by_a_run(tmp_path: Path, forms: tuple[str, ...]) -> None:
    folder = tmp_path / "mcu"
    for asked in written(folder, "elu", *(word for form in forms for word in ("--dtype", form))):
        put(asked, computed(asked, NumpyAdapter()))
    status, by_file = judged(folder, tmp_path / "by_file.json")
    assert status == 0
    assert by_file["backend"]["name"] == "mcu"
    assert by_file["summary"] == {**dict.fromkeys(by_file["summary"], 0), "pass": len(by_file["checks"])}
    words = [word for c in by_file["checks"] for word in ("--check", c["id"])]
    out = tmp_path / "run.json"
    assert main(["run", "--backend", "numpy", *words, "--out", str(out)]) == 0
    run = json.loads(out.read_text("utf-8"))
    lacks = {"tangent": "mcu has no forward mode", "by_upstream": "mcu has no double backward"}
    others = {c["id"]: c for c in run["checks"]}
    assert len(others) == len(by_file["checks"]) > 0
    for check in by_file["checks"]:
        other = others[check["id"]]
        notes = dict(check.pop("notes", {}))
        assert notes.pop("lacking", lacks) == lacks
        assert notes == other.pop("notes", {})
        assert {**check, "rerun": ""} == {**other, "rerun": ""}


@pytest.mark.parametrize(
    ("quantity", "spoil", "what"),
    [
        ("forward", lambda x, y: np.where(np.abs(x) > 3, y * np.float32(0.9999), y), "accuracy"),
        ("forward", lambda x, y: np.where(np.isposinf(x), np.float32(np.nan), y), "special_values"),
        ("forward", lambda x, y: np.where(x == 0.5, np.float32(7), y), "kinks"),
        ("gradient", lambda x, y: np.where(np.abs(x) > 3, y * np.float32(0.9999), y), "accuracy"),
        ("gradient", lambda x, y: np.where(np.isnan(x), np.float32(0), y), "special_values"),
        ("gradient", lambda x, y: np.where(x == np.float32(0.50000006), -y, y), "kinks"),
    ],
)
def test_wrong_results_fail(
    tmp_path: Path, quantity: str, spoil: Callable[[Array, Array], Array], what: str
) -> None:
    for asked in written(tmp_path, "hardshrink", "--quantity", quantity):
        x, _ = asked.inputs()
        put(asked, spoil(x, computed(asked, NumpyAdapter())))
    spec = loading.find("hardshrink")
    question = Question(what, spec, spec.default, "float32", quantity)
    found = ask(question, Context(find(of_folder(tmp_path))))
    assert isinstance(found, Finding)
    assert found.faults


@pytest.mark.usefixtures("own_cache")
def test_results_may_be_files_of_numpy_and_may_be_missing(tmp_path: Path) -> None:
    folder = tmp_path / "mcu"
    asked = written(folder, "relu", "--dtype", "bfloat16", "--dtype", "float64", "--quantity", "forward")
    for one in asked:
        if one.format == "bfloat16":
            result = computed(one, NumpyAdapter())
            np.save(one.path / "result.npy", result.view(np.uint16).reshape(1, -1))
    backend = {"name": "sim", "framework": "simulator", "version": "3", "device": "core 1"}
    (folder / "backend.json").write_text(json.dumps(backend), "utf-8")
    status, made = judged(folder, tmp_path / "out.json")
    assert status == 0
    assert {c["outcome"] for c in made["checks"] if c["format"] == "bfloat16"} == {"pass"}
    (message,) = {c["message"] for c in made["checks"] if c["format"] == "float64"}
    assert message == "relu-default-float64-forward holds neither result.bin nor result.npy"
    assert {n: made["backend"][n] for n in backend} == backend


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("result.bin", b"12345", "has 5 bytes, expected"),
        ("result.npy", b"12345", "is no array of numbers"),
        ("both", b"", "holds result.bin and result.npy; keep one of them"),
        ("float64", b"", "numbers in float64, expected"),
        ("fewer", b"", "holds 3 numbers in float32, expected"),
        ("objects", b"", "is no array of numbers"),
    ],
)
def test_results_that_cannot_be_read_are_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, told: str
) -> None:
    folder = tmp_path / "mcu"
    (asked,) = written(folder, "relu", "--quantity", "forward")
    capsys.readouterr()
    x, _ = asked.inputs()
    numpy = {"float64": x.astype(np.float64), "fewer": x[:3], "objects": np.array([print], object)}
    if name in numpy:
        np.save(asked.path / "result.npy", numpy[name])
    elif name == "both":
        put(asked, x)
        np.save(asked.path / "result.npy", x)
    else:
        (asked.path / name).write_bytes(content)
    assert main(["judge", str(folder)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"actcheck: {asked.path}")
    assert told in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("questions.json", lambda text: text.replace("elu", "../elu"), ".folder: '../elu-"),
        ("questions.json", lambda text: text.replace('"forward"', '"fourth"'), "'fourth' is not one of"),
        ("questions.json", lambda text: text.replace('ons": {', 'ons": {"\\u001b[2J": 1, ', 1), "\\x1b[2J: "),
        ("questions.json", lambda text: text[:-5], "is no JSON"),
        ("questions.json", lambda text: "[]", "holds no JSON object"),
        ("questions.json", lambda text: text.replace('"digest": "', '"digest": "0'), "has changed since"),
        ("questions.json", lambda text: text.replace('"name": "elu"', '"name": "el"'), "no such activation"),
        ("backend.json", lambda text: text.replace("name", "nom"), "'nom': holds texts"),
        ("backend.json", lambda text: text.replace("unknown", "\\n<b>"), "'version': holds texts"),
    ],
)  # fmt: skip
def test_a_folder_that_is_none_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, change: Callable[[str], str], told: str
) -> None:
    folder = tmp_path / "mcu"
    written(folder, "elu", "--quantity", "forward")
    path = folder / file
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    assert main(["judge", str(folder)]) == 2
    assert told in capsys.readouterr().err


def test_only_what_has_single_inputs_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, told in (
        ("glu", "glu: is gated"),
        ("elu2", "no such activation"),
        ("rrelu", "rrelu: is random"),
    ):
        assert main(["questions", name, "-o", str(tmp_path / "q")]) == 2
        assert told in capsys.readouterr().err
    assert main(["judge", str(tmp_path)]) == 2
    assert "give a folder that actcheck questions wrote" in capsys.readouterr().err


def test_pairs_are_asked_once(tmp_path: Path) -> None:
    for asked in written(tmp_path / "q", "elu", "--dtype", "float16", "--quantity", "gradient"):
        x, upstream = asked.inputs()
        assert upstream is not None
        pairs = np.stack([patterns(x), patterns(upstream)])
        assert len(np.unique(pairs, axis=1).T) == asked.count
