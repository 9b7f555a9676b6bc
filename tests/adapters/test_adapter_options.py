"""Options are part of a backend's name, and arguments of its adapter."""

from __future__ import annotations

from pathlib import Path

import pytest

from actcheck.adapters.options import OptionError, parted, with_options
from actcheck.adapters.registry import AdapterError, find
from actcheck.conformance.cli import main

ADAPTER = """
from actcheck.adapters.base import Adapter, Description

class Toy(Adapter):
    name = "toy"
    def __init__(self, device="cpu"):
        self.device = device
    def describe(self):
        return Description("toy", "1", self.device)
    def functions(self):
        return {"relu": lambda x: x * (x > 0)}
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "toy.py"
    file.write_text(ADAPTER, "utf-8")
    return str(file)


def test_options_are_added_in_brackets() -> None:
    assert with_options("openvino", []) == "openvino"
    assert with_options("openvino", ["device=GPU", "threads=1"]) == "openvino[device=GPU,threads=1]"
    assert with_options("openvino[device=CPU]", ["device=GPU"]) == "openvino[device=GPU]"
    assert parted("a.py:B[x=1]") == ("a.py:B", {"x": "1"})


def test_a_path_with_brackets_has_no_options() -> None:
    assert parted("folder[1]/a.py") == ("folder[1]/a.py", {})
    assert parted("a[1].py") == ("a[1].py", {})


@pytest.mark.parametrize("text", ["device", "=GPU", "device=", "a=b,c=d", "1=2", "a=[b]"])
def test_what_is_no_option_is_told(text: str) -> None:
    with pytest.raises(OptionError, match="is no option: write NAME=VALUE"):
        with_options("openvino", [text])


def test_an_adapter_with_options_has_a_name_of_its_own(path: str) -> None:
    made = find(f"{path}[device=GPU]")
    assert (made.name, made.describe().device) == ("toy[device=GPU]", "GPU")
    assert find(path).name == "toy"


def test_an_option_that_an_adapter_lacks_is_told(path: str) -> None:
    with pytest.raises(AdapterError, match=r"with the options speed=9.*unexpected keyword argument 'speed'"):
        find(f"{path}[speed=9]")


def test_the_command_line_takes_options(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "--backend", path, "--option", "device=GPU", "--activation", "relu", "--check", "kinks"]
    main(words)
    seen = capsys.readouterr()
    assert "toy[device=GPU]: toy 1, GPU" in seen.err


def test_a_wrong_option_ends_the_command(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--backend", path, "--option", "device"]) == 2
    assert "--option: 'device' is no option" in capsys.readouterr().err
