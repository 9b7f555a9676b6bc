"""Finding an adapter by the name given on the command line."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from hashlib import sha256
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from actcheck.adapters.base import Adapter
from actcheck.adapters.options import OptionError, parted, told
from actcheck.adapters.raised import text_of
from actcheck.adapters.values import BackendLostError

GROUP = "actcheck.adapters"

#: Name to module, class and constructor arguments; nothing is imported until it is asked for.
BUILT_IN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "numpy": ("actcheck.adapters.numpy_backend", "NumpyAdapter", {}),
    "torch-cpu": ("actcheck.adapters.torch_backend", "TorchAdapter", {"device": "cpu"}),
    "torch-cuda": ("actcheck.adapters.torch_backend", "TorchAdapter", {"device": "cuda"}),
    "jax": ("actcheck.adapters.jax_backend", "JaxAdapter", {}),
    "jax-jit": ("actcheck.adapters.jax_backend", "JaxAdapter", {"jit": True}),
    "onnxruntime": ("actcheck.adapters.onnx_backend", "OnnxRuntimeAdapter", {}),
    "openvino": ("actcheck.adapters.openvino_backend", "OpenVinoAdapter", {}),
    "tensorflow": ("actcheck.adapters.tensorflow_backend", "TensorFlowAdapter", {}),
    "mlx": ("actcheck.adapters.mlx_backend", "MlxAdapter", {}),
    "torch-onnx": ("actcheck.adapters.torch_onnx", "TorchOnnxAdapter", {}),
    "onnx-reference": ("actcheck.adapters.onnx_backend", "OnnxReferenceAdapter", {}),
}
#: What a name begins with that goes on with a command: a program that is asked over pipes.
COMMAND = "command:"
#: The same with a folder: results that were computed elsewhere.
FOLDER = "folder:"
_REQUIRED = ("describe", "functions")


class AdapterError(ValueError):
    """No adapter of that name can be had: what is wrong, where, and what to do."""


def names() -> tuple[str, ...]:
    """The built-in names, then those of installed packages; no framework is imported."""
    offered = sorted({point.name for point in entry_points(group=GROUP)} - set(BUILT_IN))
    return (*BUILT_IN, *offered)


def find(name: str) -> Adapter:
    """The adapter of a name: built in, ``path/file.py[:Class]``, ``package.module:Class``, an entry point,
    ``command:`` and a program with its arguments, or ``folder:`` and a folder of questions.

    Options follow it in brackets (``openvino[device=GPU]``): they are arguments of the adapter, as text.
    Raises AdapterError, with one message that says what to do.
    """
    if name.startswith(COMMAND):
        return _of_program(name.removeprefix(COMMAND))
    if name.startswith(FOLDER):
        return _of_folder(Path(name.removeprefix(FOLDER)))
    try:
        bare, options = parted(name)
    except OptionError as error:
        raise AdapterError(f"{name}: {error}") from error
    found = _constructed(partial(_constructor(bare), **options), bare, options)
    if options:
        found.name = f"{found.name}[{told(options)}]"
    return found


def _constructor(name: str) -> Callable[..., Adapter]:
    if name in BUILT_IN:
        home, attribute, arguments = BUILT_IN[name]
        return partial(getattr(importlib.import_module(home), attribute), **arguments)
    path, attribute = _path_and_class(name)
    if path is not None:
        module = _module_from_file(path)
        return _class_in(module, attribute, path) if attribute else _only_class_in(module, path)
    if ":" in name:
        home, _, attribute = name.rpartition(":")
        return _class_in(_module(home), attribute, f"module {home}")
    return _class_of_entry_point(name)


def _of_program(command: str) -> Adapter:
    child = importlib.import_module("actcheck.adapters.child")
    try:
        adapter: Adapter = child.ChildAdapter(command)
    except BackendLostError as error:
        raise AdapterError(f"{error}; actcheck check-program tells what it does wrong") from None
    return adapter


def _of_folder(path: Path) -> Adapter:
    by_file = importlib.import_module("actcheck.adapters.by_file")
    try:
        adapter: Adapter = by_file.ByFileAdapter(path)
    except ValueError as error:
        raise AdapterError(str(error)) from None
    return adapter


def _path_and_class(name: str) -> tuple[Path | None, str]:
    path, colon, attribute = (name, "", "") if name.endswith(".py") else name.rpartition(":")
    is_path = path.endswith(".py") or (bool(colon) and ("/" in path or "\\" in path))
    return (Path(path), attribute) if is_path else (None, "")


def _module_from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise AdapterError(f"{path}: no such adapter file; give the path from {Path.cwd()}, or a full path")
    # The digest keeps two files of one name apart; dataclasses need the module in sys.modules.
    module_name = f"actcheck_adapter_{path.stem}_{sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise AdapterError(f"{path}: not a Python file; an adapter's file ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        with _foreign(lambda error: f"{path} does not import: {_error_text(error, path)}"):
            spec.loader.exec_module(module)
    except AdapterError:
        del sys.modules[module_name]
        raise
    return module


@contextmanager
def _foreign(told: Callable[[BaseException], str]) -> Iterator[None]:
    """Whatever code of others raises is told in an AdapterError, but for the user's own Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise AdapterError(told(error)) from error


def _module(name: str) -> ModuleType:
    with _foreign(partial(_import_text, name)):
        return importlib.import_module(name)


def _import_text(name: str, error: BaseException) -> str:
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing and (name == missing or name.startswith(f"{missing}.")):
        return (
            f"no module named {missing!r} for the adapter {name}: install the package that holds it, "
            "or give the path of a file (path/to/file.py:Class)"
        )
    return f"module {name} does not import: {_error_text(error)}"


def _class_in(module: ModuleType, attribute: str, where: Any) -> type[Adapter]:
    found = getattr(module, attribute, None) if attribute.isidentifier() else None
    if found is None:
        classes = ", ".join(c.__name__ for c in _adapters_in(module)) or "no subclass of Adapter"
        raise AdapterError(f"{where} has no class {attribute!r}; it defines {classes}")
    return _checked(found, f"{attribute} in {where}")


def _only_class_in(module: ModuleType, path: Path) -> type[Adapter]:
    classes = _adapters_in(module)
    if not classes:
        raise AdapterError(f"{path} defines no subclass of actcheck.adapters.base.Adapter")
    # What others of the file derive from, and is no adapter yet, is their common base.
    classes = [c for c in classes if _is_whole(c) or not any(issubclass(o, c) for o in classes if o is not c)]
    if len(classes) > 1:
        choices = " or ".join(f"{path}:{c.__name__}" for c in classes)
        raise AdapterError(f"{path} defines {len(classes)} adapters; say which: {choices}")
    return _checked(classes[0], f"{classes[0].__name__} in {path}")


def _is_whole(found: type[Adapter]) -> bool:
    return bool(found.name) and not _lacking(found)


def _lacking(found: type[Adapter]) -> list[str]:
    return [f"{m}()" for m in _REQUIRED if getattr(found, m) is getattr(Adapter, m)]


def _adapters_in(module: ModuleType) -> list[type[Adapter]]:
    return [
        c
        for c in vars(module).values()
        if isinstance(c, type) and issubclass(c, Adapter) and c.__module__ == module.__name__
    ]


def _class_of_entry_point(name: str) -> type[Adapter]:
    points = {point.value: point for point in entry_points(group=GROUP, name=name)}
    if not points:
        raise AdapterError(_unknown(name))
    if len(points) > 1:
        offers = "; ".join(map(_origin, points.values()))
        raise AdapterError(f"{len(points)} packages offer an adapter {name}: {offers}; uninstall all but one")
    (point,) = points.values()
    with _foreign(lambda error: f"adapter {name} ({_origin(point)}) does not import: {_error_text(error)}"):
        loaded = point.load()
    return _checked(loaded, f"{name} ({_origin(point)})")


def _unknown(name: str) -> str:
    near = get_close_matches(name, names(), n=3, cutoff=0.5)
    hint = f"did you mean {_told(near)}? " if near else ""
    forms = "path/to/file.py:Class or package.module:Class"
    return f"no adapter {name!r}: {hint}Known are {', '.join(names())}; or give {forms}"


def _origin(point: EntryPoint) -> str:
    package = point.dist.name if point.dist else "unknown package"
    return f"{point.value} of {package}"


def _checked(found: Any, where: str) -> type[Adapter]:
    if not (isinstance(found, type) and issubclass(found, Adapter)):
        raise AdapterError(
            f"{where} is not a subclass of actcheck.adapters.base.Adapter; derive it from that class"
        )
    missing = _lacking(found)
    if missing:
        raise AdapterError(
            f"{where} lacks {' and '.join(missing)}; an adapter must define both of {', '.join(_REQUIRED)}"
        )
    if not found.name:
        raise AdapterError(
            f"{where} has no name; give the class one, such as name = {found.__name__.lower()!r}"
        )
    return found


def _constructed(constructor: Callable[[], Adapter], name: str, options: Mapping[str, str]) -> Adapter:
    given = f"with the options {told(options)}" if options else "without arguments"
    with _foreign(lambda error: f"the adapter {name} cannot be constructed {given}: {_error_text(error)}"):
        return constructor()


def _error_text(error: BaseException, path: Path | None = None) -> str:
    """Exception type, message and line: the last one in the adapter's own file, where there is one."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} ({error.filename}:{error.lineno})"
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if path is not None and Path(f.filename) == path.resolve()] or frames
    text = text_of(error).strip().replace("\n", " ")
    return f"{type(error).__name__}: {text} ({own[-1].filename}:{own[-1].lineno})"


def _told(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
