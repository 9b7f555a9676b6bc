"""A first look at a backend, in a process of its own: what it is and what it lacks.

A backend that crashes, hangs or prints while it is imported harms nobody but that process.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from actcheck.adapters.raised import text_of
from actcheck.conformance.backends.process_exit import ending
from actcheck.conformance.backends.process_memory import Allowance, looking, usual
from actcheck.conformance.json_values import clean, jsonable

#: Seconds after which a backend that does not say what it is counts as hung.
PATIENCE = 180.0


class ProbeError(ValueError):
    """A backend that cannot be had: what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Backend:
    """What a backend says of itself."""

    #: As given on the command line.
    given: str
    name: str
    framework: str
    version: str
    device: str
    formats: tuple[str, ...]
    details: Mapping[str, str] = field(default_factory=dict)
    #: Why nothing can run here; None when all is well.
    unavailable: str | None = None
    #: Activation to the reason why the backend lacks it.
    lacks: Mapping[str, str] = field(default_factory=dict)
    #: The files of its known deviations.
    deviations: tuple[str, ...] = ()
    #: Digest of the file that defines the adapter.
    digest: str = ""
    #: The number model that it documents.
    number_model: str = "ieee"
    #: Quantities that it computes at all.
    quantities: tuple[str, ...] = ("forward", "gradient", "second_derivative", "weight_gradient")
    #: It compiles for every new shape.
    dear_shapes: bool = False
    #: Whose conventions it follows; empty for the specification's own.
    dialect: str = ""
    #: Activation to what stands for it, where the framework has no operator of its own.
    compositions: Mapping[str, str] = field(default_factory=dict)
    #: What it does to the processor's mode when it is loaded, such as ``rounds up``; empty where nothing.
    mode: str = ""

    @property
    def title(self) -> str:
        """Name, framework, version and device in a line; the processor's mode, where it sets one."""
        title = f"{self.name}: {self.framework} {self.version}, {self.device}"
        note = f"\nnote: once it is loaded the processor {self.mode}; it is judged in the default mode"
        return title + note if self.mode else title


def probe(given: str, patience: float = PATIENCE, memory: int | None = None) -> Backend:
    """Ask a backend what it is. Raises ProbeError with one message.

    ``memory`` is the bytes that it may take meanwhile, a share of the machine's where it is not given.
    """
    with tempfile.TemporaryDirectory(prefix="actcheck-") as folder:
        answer = Path(folder, "answer.json")
        command = [sys.executable, "-c", f"from {__name__} import main; main()", given, str(answer)]
        done = _done(given, command, patience, memory or usual(1))
        found = json.loads(answer.read_text("utf-8")) if answer.exists() else {}
    if "error" in found:
        raise ProbeError(found["error"])
    if not found:
        said = clean(done.stderr.decode("utf-8", "replace")).strip().splitlines()[-1:]
        how = ending(done.returncode)
        raise ProbeError(
            ": ".join([f"the backend {given} ended its process while it was loaded ({how})", *said])
        )
    lists = {name: tuple(found[name]) for name in ("formats", "deviations", "quantities")}
    return Backend(**{**found, **lists})


def _done(given: str, command: list[str], patience: float, memory: int) -> subprocess.CompletedProcess[bytes]:
    """What became of the other process. Raises ProbeError where it hung, or took too much memory."""
    # Its output is kept apart: a backend may print whatever it likes.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        allowance = Allowance(memory, lambda: [process.pid])
        try:
            with looking(allowance.look):
                out, err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            raise ProbeError(f"the backend {given} hung while it was loaded ({patience:g} s)") from None
        except BaseException:
            process.kill()
            raise
    if allowance.exceeded:
        raise ProbeError(f"the backend {given} {allowance.exceeded[0]} while it was loaded")
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def main() -> None:
    """The other process: write what the backend says to a file."""
    given, answer = sys.argv[1:]
    Path(answer).write_text(json.dumps(jsonable(look(given))), "utf-8")


def look(given: str) -> dict[str, Any]:
    """The fields of `Backend`, or ``error`` with a message."""
    # Imported here: the parent process stays free of the frameworks, and starts quickly.
    from actcheck.adapters.base import Description  # noqa: PLC0415
    from actcheck.adapters.registry import AdapterError  # noqa: PLC0415
    from actcheck.conformance.backends.guard.guarded import find, unguarded  # noqa: PLC0415
    from actcheck.conformance.backends.support import compositions, lacks  # noqa: PLC0415
    from actcheck.conformance.deviations.files import DeviationsError, files_of, home_of, read_all  # noqa: PLC0415
    from actcheck.reference.judging.number_models import NumberModel  # noqa: PLC0415

    try:
        guarded = find(given)
        adapter, description = unguarded(guarded), guarded.describe()
        if not isinstance(description, Description):
            kind = type(description).__name__
            return {"error": f"describe() of the backend {given} returned a {kind}, not a Description"}
        deviations = files_of(adapter)
        read_all(deviations)
        NumberModel.named(description.number_model)
        missing, composed = lacks(guarded), compositions(guarded)
        lists = {name: list(getattr(description, name)) for name in ("formats", "quantities")}
        details = {str(name): str(value) for name, value in description.details.items()}
        fields = {**asdict(replace(description, details=details)), **lists}
    except (AdapterError, DeviationsError) as error:
        return {"error": str(error)}
    except BaseException as error:  # in this process nobody presses Ctrl-C but the one who began it
        what = f"{type(error).__name__}: {text_of(error)}".removesuffix(": ")
        return {"error": f"the backend {given} cannot be described: {what}"}
    return {
        "given": given,
        "name": adapter.name,
        **fields,
        "lacks": missing,
        "compositions": composed,
        "deviations": [str(path) for path in deviations],
        "digest": _digest(home_of(adapter)),
        "mode": guarded.apart.own,
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
