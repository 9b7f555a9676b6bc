"""Adapters are found by every kind of name, and what cannot be found or used is told in one message."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent

import pytest

from actcheck.adapters import registry
from actcheck.adapters.registry import BUILT_IN, AdapterError, find, names

GOOD = """
    from dataclasses import dataclass
    from actcheck.adapters.base import Adapter, Description

    class Toy(Adapter):
        name = "toy"
        def describe(self):
            return Description("toy", "1", "cpu")
        def functions(self):
            return {"relu": lambda x: x * (x > 0)}
    """

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a Python file into a folder that is on the path, and forget its module afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)

    def to(text: str, name: str = "toys.py") -> Path:
        path = tmp_path / name
        path.write_text(dedent(text), "utf-8")
        return path

    yield to
    for module in set(sys.modules) - before:
        del sys.modules[module]


@pytest.mark.parametrize("name", ["numpy", "torch-cpu", "torch-cuda"])
def test_built_in_names(name: str) -> None:
    assert find(name).name == name
    assert name in names()


def test_a_file_and_its_class(write: Write) -> None:
    path = write(GOOD)
    assert find(f"{path}:Toy").describe().framework == "toy"


def test_a_file_with_one_adapter_needs_no_class(write: Write) -> None:
    path = write(GOOD)
    assert find(str(path)).name == "toy"


def test_a_file_of_an_imported_adapter_counts_its_own_alone(write: Write) -> None:
    path = write(GOOD + "\n    from actcheck.adapters.numpy_backend import NumpyAdapter\n")
    assert find(str(path)).name == "toy"


def test_two_files_of_one_name_are_kept_apart(write: Write, tmp_path: Path) -> None:
    first = write(GOOD)
    (tmp_path / "other").mkdir()
    second = write(GOOD.replace('"toy"', '"other"'), "other/toys.py")
    one, two = find(str(first)), find(str(second))
    assert (one.name, two.name) == ("toy", "other")
    assert sys.modules[type(one).__module__] is not sys.modules[type(two).__module__]


def test_a_module_and_its_class(write: Write) -> None:
    write(GOOD, "toybox.py")
    assert find("toybox:Toy").name == "toy"


def offer(monkeypatch: pytest.MonkeyPatch, *points: tuple[str, str]) -> None:
    offered = [EntryPoint(name, value, registry.GROUP) for name, value in points]

    def entry_points(group: str, name: str | None = None) -> list[EntryPoint]:
        assert group == "actcheck.adapters"
        return [p for p in offered if name in (None, p.name)]

    monkeypatch.setattr(registry, "entry_points", entry_points)


def test_entry_points_of_installed_packages(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write(GOOD, "toybox.py")
    offer(monkeypatch, ("zoo", "toybox:Toy"), ("apes", "nothing.here:Ape"))
    assert find("zoo").name == "toy"
    assert names() == (*BUILT_IN, "apes", "zoo")


def test_a_name_that_two_packages_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, ("zoo", "a:A"), ("zoo", "b:B"))
    with pytest.raises(AdapterError, match="2 packages offer an adapter zoo: a:A of unknown package; b:B"):
        find("zoo")


def test_an_entry_point_that_does_not_import(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, ("zoo", "no_such_module:A"))
    with pytest.raises(
        AdapterError, match=r"adapter zoo \(no_such_module:A .*ModuleNotFoundError: No module"
    ):
        find("zoo")


def refusal(name: object) -> str:
    with pytest.raises(AdapterError) as caught:
        find(str(name))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_unknown_name_is_told_with_the_near_and_the_known() -> None:
    message = refusal("torch-gpu")
    assert "no adapter 'torch-gpu': did you mean torch-cpu, torch-cuda or torch-onnx?" in message
    assert "Known are numpy, torch-cpu, torch-cuda" in message
    assert "did you mean" not in refusal("zzz")
    assert "path/to/file.py:Class" in refusal("zzz")


@pytest.mark.parametrize("name", ["nowhere.py", "nowhere.py:Toy", "no/where:Toy"])
def test_a_file_that_is_not_there(name: str) -> None:
    assert refusal(name).startswith(
        f"{name.rpartition(':')[0] or name}: no such adapter file; give the path from"
    )


def test_a_file_that_is_not_python(write: Write) -> None:
    path = write(GOOD, "toys.txt")
    assert f"{path}: not a Python file" in refusal(f"{path}:Toy")


def test_a_file_that_fails_is_told_with_the_line(write: Write) -> None:
    path = write("import math\n\nmath.sqrt(-1)\n")
    assert refusal(path) == f"{path} does not import: ValueError: math domain error ({path}:3)"
    path = write("def f(:\n", "broken.py")
    assert f"SyntaxError: invalid syntax ({path}:1)" in refusal(path)
    path = write("import json\njson.loads('')\n", "deep.py")
    assert refusal(path).endswith(f"({path}:2)")
    path = write("raise SystemExit('enough')\n", "exits.py")
    assert "SystemExit: enough" in refusal(path)


def test_a_failed_file_leaves_no_module_behind(write: Write) -> None:
    path = write("1/0\n")
    before = set(sys.modules)
    refusal(path)
    assert not {m for m in set(sys.modules) - before if "adapter" in m}


def test_a_class_that_is_not_there(write: Write) -> None:
    path = write(GOOD)
    assert refusal(f"{path}:Tyo") == f"{path} has no class 'Tyo'; it defines Toy"
    write("", "toybox.py")
    assert refusal("toybox:Toy") == "module toybox has no class 'Toy'; it defines no subclass of Adapter"


def test_no_adapter_or_several_in_a_file(write: Write) -> None:
    path = write("x = 1\n")
    assert refusal(path) == f"{path} defines no subclass of actcheck.adapters.base.Adapter"
    path = write(GOOD + "\n    class Second(Toy):\n        name = 'second'\n", "two.py")
    assert refusal(path) == f"{path} defines 2 adapters; say which: {path}:Toy or {path}:Second"


def test_a_common_base_is_no_adapter_to_choose(write: Write) -> None:
    path = write(
        """
        from actcheck.adapters.base import Adapter, Description

        class Base(Adapter):
            def describe(self):
                return Description("toy", "1", "cpu")

        class Toy(Base):
            name = "toy"

            def functions(self):
                return {}
        """
    )
    assert find(str(path)).name == "toy"


def test_what_is_no_adapter(write: Write) -> None:
    path = write("class Toy:\n    pass\nother = 3\n")
    assert "Toy in" in refusal(f"{path}:Toy")
    assert "is not a subclass of actcheck.adapters.base.Adapter" in refusal(f"{path}:Toy")
    assert "is not a subclass" in refusal(f"{path}:other")


def test_missing_methods_are_named(write: Write) -> None:
    path = write("from actcheck.adapters.base import Adapter\nclass Toy(Adapter):\n    name = 'toy'\n")
    assert refusal(path) == (
        f"Toy in {path} lacks describe() and functions(); an adapter must define both of describe, functions"
    )


def test_a_name_is_wanted(write: Write) -> None:
    path = write(GOOD.replace('name = "toy"', "pass"))
    assert refusal(path) == f"Toy in {path} has no name; give the class one, such as name = 'toy'"


def test_a_constructor_that_fails(write: Write) -> None:
    path = write(GOOD + "\n        def __init__(self, device):\n            pass\n")
    message = refusal(path)
    assert message.startswith(f"the adapter {path} cannot be constructed without arguments: TypeError")
    assert "missing 1 required positional argument: 'device'" in message


def test_modules_that_are_missing_or_fail(write: Write) -> None:
    assert "no module named 'nobody' for the adapter nobody.home" in refusal("nobody.home:Toy")
    write("import nobody_at_all\n", "lonely.py")
    assert "module lonely does not import: ModuleNotFoundError: No module named 'nobody_at_all'" in refusal(
        "lonely:Toy"
    )
    write("1/0\n", "zero.py")
    assert "module zero does not import: ZeroDivisionError: division by zero" in refusal("zero:Toy")
