"""``actcheck sweep``: judge every input of one activation."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from actcheck.conformance import numerals
from actcheck.conformance.backends.fingerprint import identity
from actcheck.conformance.backends.probe import Backend, ProbeError, probe
from actcheck.conformance.commands import apart_work
from actcheck.conformance.commands.apart import Apart, asking
from actcheck.conformance.commands.run import (
    DIALECT,
    MEMORY,
    NUMBER_MODEL,
    add_backend,
    check_numbers,
    check_writable,
    memory_of,
    write_where_asked,
)
from actcheck.conformance.commands.sampled_sweep import check_points, ledger_of, sampled
from actcheck.conformance.deviations.files import DeviationsError, read_all
from actcheck.conformance.deviations.known import KnownDeviations
from actcheck.conformance.model import (
    Answer,
    Failure,
    Finding,
    NotApplicable,
    Question,
    Settings,
    judging,
)
from actcheck.conformance.results.json_form import plain
from actcheck.conformance.results.records import CheckResult, settle
from actcheck.conformance.results.rerun import SweepAgain
from actcheck.conformance.results.sweep_text import grade_text, lines
from actcheck.conformance.run.session import model_of
from actcheck.conformance.run.supervisor import cores
from actcheck.conformance.sweep import progress
from actcheck.conformance.sweep.every_input import sweep
from actcheck.conformance.sweep.executors import KINDS
from actcheck.conformance.sweep.job import MAGNITUDES, Job, variant_given
from actcheck.conformance.sweep.ledger import SweepLedger
from actcheck.conformance.sweep.partial_result import packed
from actcheck.conformance.sweep.scheduler import PATIENCE
from actcheck.conformance.sweep.work import work
from actcheck.conformance.usage import UsageError
from actcheck.conformance.writing import write_whole
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.number_models import IEEE, NumberModel, current, judged_in
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import ORDERS
from actcheck.reference.specification.dialects import Dialect, in_dialect, named
from actcheck.reference.specification.model import Spec

QUANTITIES = tuple(ORDERS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add = parser.add_argument
    add("activation", metavar="NAME", help="an element-wise or gated activation, or a YAML file")
    add_backend(parser)
    add("--dtype", choices=tuple(FORMATS), default="float32", help="default: float32")
    add("--quantity", choices=QUANTITIES, default="forward", help="default: forward")
    add("--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter; may be repeated")
    add("--profile", choices=("standard", "strict"), default="standard", help="what passes")
    add("--points", type=int, metavar="N", help="of float64: judge so many inputs, sampled in every binade")
    add("--seed", type=int, default=0, metavar="NUMBER", help="of float64's samples (default: 0)")
    add("--json", type=Path, metavar="FILE", help="write the check as JSON")
    add("-n", "--workers", type=int, default=cores(), help="processes (default: one a core)")
    add("--number-model", default="", metavar="MODEL", help=NUMBER_MODEL)
    add("--dialect", default="", metavar="NAME", help=DIALECT)
    add("--executor", choices=KINDS, default="local", help="who does the work (default: local processes)")
    add("--scheduler", metavar="ADDRESS", help="of dask, such as tcp://127.0.0.1:8786")
    add(
        "--timeout",
        type=float,
        default=PATIENCE,
        metavar="SECONDS",
        help="in which workers must answer something (default: 600)",
    )
    add("--memory", type=float, metavar="GIB", help=MEMORY)
    add("--fresh", action="store_true", help="do not continue an interrupted sweep")


def main(arguments: argparse.Namespace) -> int:
    """Sweep, print what was found, write it where asked. Returns 0, 1 or, when interrupted, 130."""
    check_writable(arguments.json)
    check_numbers(arguments)
    check_points(arguments)
    try:
        law = loading.find(arguments.activation)
        backend = probe(arguments.backend, memory=memory_of(arguments))
        entries = read_all(map(Path, backend.deviations))
    except (loading.SpecError, ProbeError, DeviationsError) as error:
        raise UsageError(str(error)) from error
    dialect = _dialect(arguments, backend)
    spec = in_dialect(law, dialect)
    quantity, variant = _quantity(spec, arguments), variant_given(spec, arguments.param)
    question = Question("accuracy", spec, variant, arguments.dtype, quantity)
    settings = Settings(
        arguments.backend,
        profile=arguments.profile,
        seed=arguments.seed,
        number_model=arguments.number_model,
        dialect=arguments.dialect,
    )
    model = judging(_model(settings, backend), dialect, spec)
    again = SweepAgain(settings, activation=arguments.activation, points=arguments.points)
    print(backend.title + ("" if str(model) == IEEE else f", judged in {model}"), file=sys.stderr)
    with judged_in(model):
        return _judged(question, backend, arguments, KnownDeviations(entries, backend.version), again)


def _judged(
    question: Question,
    backend: Backend,
    arguments: argparse.Namespace,
    known: KnownDeviations,
    again: SweepAgain,
) -> int:
    answer = _answer(question, backend, arguments, tuple(question.variant.given.items()))
    asked = settle(question, answer, known, again)
    # Written before it is printed, and the ledger is kept until then: nothing that was judged can be lost.
    written = json.dumps(plain(asked.record), allow_nan=False, indent=1) + "\n"
    write_where_asked(arguments.json, lambda path: write_whole(path, written))
    _print(asked, question)
    if isinstance(answer, Finding) and answer.exhaustive:
        SweepLedger.of_sweep(question, identity(backend)).clear()
    if isinstance(answer, Finding) and arguments.points:
        ledger_of(question, backend, arguments).clear()
    return int(asked.record.outcome in ("fail", "error"))


def _dialect(arguments: argparse.Namespace, backend: Backend) -> Dialect:
    try:
        return named(arguments.dialect or backend.dialect)
    except ValueError as error:
        raise UsageError(f"--dialect: {error}") from error


def _model(settings: Settings, backend: Backend) -> NumberModel:
    try:
        return model_of(settings, backend.number_model)
    except ValueError as error:
        raise UsageError(f"--number-model: {error}") from error


def _quantity(spec: Spec, arguments: argparse.Namespace) -> str:
    if not spec.elementwise and not (spec.kind == "gated" and FORMATS[arguments.dtype].bits <= 16):
        formats = " in float16 and bfloat16" if spec.kind == "gated" else ""
        raise UsageError(
            f"{spec.id} cannot be swept: sweeps are for element-wise activations, and gated ones{formats}; "
            f"try: actcheck run --backend {arguments.backend} --activation {arguments.activation}"
        )
    return str(arguments.quantity)


def _answer(
    question: Question, backend: Backend, arguments: argparse.Namespace, given: Any
) -> Answer | Failure:
    if backend.unavailable:
        return NotApplicable(backend.unavailable)
    if question.format not in backend.formats:
        return NotApplicable(f"{backend.name} does not compute in {question.format}")
    job = Job(
        arguments.backend,
        arguments.activation,
        given,
        question.quantity,
        question.format,
        str(current()),
        _dialect(arguments, backend).name,
    )
    if arguments.points:
        return sampled(question, job, backend, arguments)
    whole = question.format == "float32" or question.spec.kind == "gated"
    with asking(arguments, arguments.workers if whole else 1) as apart:
        if not whole:
            answer: Answer | Failure = apart.ask(apart_work.answer, job, arguments.profile, arguments.seed)
            return answer
        lacking: Answer | Failure | None = apart.ask(apart_work.begin, job)
        return lacking or _swept(question, job, backend, apart, arguments)


def _swept(
    question: Question, job: Job, backend: Backend, apart: Apart, arguments: argparse.Namespace
) -> Answer | Failure:
    ledger = SweepLedger.of_sweep(question, identity(backend))
    if arguments.fresh:
        ledger.clear()
    began = time.perf_counter()
    done = ledger.total()
    if done.verdict.points:
        told = f"continuing an interrupted sweep: {done.verdict.points:,} inputs are judged"
        print(f"{told} (--fresh starts anew)", file=sys.stderr)
    with progress.progress_bar(2 * MAGNITUDES - done.verdict.points, sys.stderr) as tell:
        wrong = sweep([job], backend, apart.driver(work), tell)
    if wrong:
        place = f"{numerals.count(len(wrong), 'task')}; the same command tries again"
        return Failure("backend", "; ".join(wrong[:3]), place)
    part = SweepLedger.of_sweep(question, identity(backend)).total()
    seconds = time.perf_counter() - began
    found: Finding | Failure = apart.ask(apart_work.conclude, job, arguments.profile, packed(part), seconds)
    return found


def _print(asked: CheckResult, question: Question) -> None:
    record = asked.record
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    title = f"{question.activation} ({question.variant.label}), {question.format} {question.quantity}"
    console.print(f"{title}: {record.outcome}{grade_text(record)}")
    for line in lines(record):
        console.print(f"  {line}", markup=False)
    for line in record.told[:12]:
        console.print(f"  {line}", markup=False)
