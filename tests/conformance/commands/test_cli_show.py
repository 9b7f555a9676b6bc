"""`actcheck list`, `show` and `new-adapter`, and the command line itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from actcheck import __version__
from actcheck.conformance.cli import COMMANDS, main
from actcheck.reference.specification.loading import load_all


@pytest.mark.parametrize("name", load_all())
def test_every_specification_can_be_shown(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["show", name]) == 0
    shown = capsys.readouterr().out
    spec = load_all()[name]
    assert shown.startswith(f"{spec.title}  ({name}")
    assert all(parameter.name in shown for parameter in spec.parameters)
    assert max(map(len, shown.splitlines())) <= 100


def test_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "swish"]) == 0
    assert capsys.readouterr().out.startswith("SiLU  (silu, also swish)")
    assert main(["show", "hardtanh"]) == 0
    shown = capsys.readouterr().out
    assert "Odd, where min_val == -max_val." in shown
    assert "x = max_val: torch's derivative is 0" in shown
    assert "min_val=1.0, max_val=-1.0: min_val is greater than max_val" in shown
    assert main(["show", "softplus"]) == 0
    assert "beta*x > threshold: x" in capsys.readouterr().out


def test_list(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert all(f"\n{name} " in f"\n{listed}" for name in load_all())
    assert "numpy: numpy " in listed
    path = tmp_path / "mine.py"
    assert main(["new-adapter", "mine", "-o", str(path)]) == 0
    assert main(["list", "--backend", str(path)]) == 0
    assert re.search(r"  lacks elu, .*softmax.*: mine has none of its own", capsys.readouterr().out)


@pytest.mark.parametrize("name", ["mlx", "My framework 2", "a-b.c"])
def test_a_new_adapter_works_at_once(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new-adapter", name]) == 0
    (path,) = tmp_path.iterdir()
    arguments = ["run", "--backend", path.name, "--activation", "relu", "--dtype", "float16", "-n", "1"]
    assert main([*arguments, "--check", "accuracy", "--fresh"]) == 0
    assert "E 0.00" in capfd.readouterr().out


def test_a_new_adapter_is_short_enough_to_read(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    assert main(["new-adapter", "x", "-o", str(path)]) == 0
    code = [
        line for line in path.read_text().splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    assert len(code) <= 30


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--help"])
    assert raised.value.code == 0
    shown = capsys.readouterr().out
    assert set(COMMANDS) <= {line.split()[0] for line in shown.splitlines() if line.startswith("    ")}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as raised:
        main([name, "--help"])
    assert raised.value.code == 0
    assert f"usage: actcheck {name}" in capsys.readouterr().out


def test_the_installed_command() -> None:
    command = Path(sys.executable).with_name("actcheck")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"actcheck {__version__}\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = "import sys; from actcheck.conformance.cli import main; sys.exit(main())"
    shell = f'"{sys.executable}" -c "{code}" show multihead_attention | head -c 1'
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("M", "")
