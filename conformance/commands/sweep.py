"""``actcheck sweep``: judge every input of one activation."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from actcheck.adapters.base import Adapter
from actcheck.adapters.registry import AdapterError
from actcheck.conformance import numerals
from actcheck.conformance.backends.asker import UnansweredError, ended
from actcheck.conformance.backends.fingerprint import identity
from actcheck.conformance.backends.guard.guarded import find
from actcheck.conformance.backends.probe import Backend, ProbeError, probe
from actcheck.conformance.checks.accuracy import Accuracy
from actcheck.conformance.commands.run import (
    NUMBER_MODEL,
    check_numbers,
    check_writable,
    write_where_asked,
)
from actcheck.conformance.commands.sampled_sweep import check_points, ledger_of, sampled
from actcheck.conformance.deviations.files import DeviationsError, read_all
from actcheck.conformance.deviations.known import KnownDeviations
from actcheck.conformance.model import Answer, Context, Failure, Finding, NotApplicable, Question, Settings
from actcheck.conformance.results.json_form import plain
from actcheck.conformance.results.model import CheckRecord
from actcheck.conformance.results.records import CheckResult, settle
from actcheck.conformance.results.rerun import SweepAgain
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.session import model_of
from actcheck.conformance.run.supervisor import cores
from actcheck.conformance.sweep import progress
from actcheck.conformance.sweep.every_input import ask_once, sweep
from actcheck.conformance.sweep.executors import KINDS, opened
from actcheck.conformance.sweep.findings import finding
from actcheck.conformance.sweep.job import MAGNITUDES, Job, check_parameters, parsed, variant_of
from actcheck.conformance.sweep.ledger import SweepLedger
from actcheck.conformance.sweep.scheduler import Driver
from actcheck.conformance.sweep.work import warm_up, work
from actcheck.conformance.usage import UsageError
from actcheck.conformance.writing import write_whole
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.number_models import IEEE, NumberModel, current, judged_in
from actcheck.reference.specification import loading
from actcheck.reference.specification.model import Spec

QUANTITIES = ("forward", "gradient", "second_derivative")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add = parser.add_argument
    add("activation", metavar="NAME", help="an element-wise or gated activation, or a YAML file")
    add("--backend", required=True, metavar="NAME", help="numpy, torch-cpu, path.py:Class, module:Class, ...")
    add("--dtype", choices=tuple(FORMATS), default="float32", help="default: float32")
    add("--quantity", choices=QUANTITIES, default="forward", help="default: forward")
    add("--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter; may be repeated")
    add("--profile", choices=("standard", "strict"), default="standard", help="what passes")
    add("--points", type=int, metavar="N", help="of float64: judge so many inputs, sampled in every binade")
    add("--seed", type=int, default=0, metavar="NUMBER", help="of float64's samples (default: 0)")
    add("--json", type=Path, metavar="FILE", help="write the check as JSON")
    add("-n", "--workers", type=int, default=cores(), help="processes (default: one a core)")
    add("--number-model", default="", metavar="MODEL", help=NUMBER_MODEL)
    add("--executor", choices=KINDS, default="local", help="who does the work (default: local processes)")
    add("--scheduler", metavar="ADDRESS", help="of dask, such as tcp://127.0.0.1:8786")
    add("--fresh", action="store_true", help="do not continue an interrupted sweep")


def main(arguments: argparse.Namespace) -> int:
    """Sweep, print what was found, write it where asked. Returns 0, 1 or, when interrupted, 130."""
    check_writable(arguments.json)
    check_numbers(arguments)
    check_points(arguments)
    try:
        spec = loading.find(arguments.activation)
        backend = probe(arguments.backend)
        entries = read_all(map(Path, backend.deviations))
    except (loading.SpecError, ProbeError, DeviationsError) as error:
        raise UsageError(str(error)) from error
    quantity, variant = _quantity(spec, arguments), variant_of(spec, parsed(spec, arguments.param))
    check_parameters(spec, variant)
    question = Question("accuracy", spec, variant, arguments.dtype, quantity)
    settings = Settings(
        arguments.backend,
        profile=arguments.profile,
        seed=arguments.seed,
        number_model=arguments.number_model,
    )
    model = _model(settings, backend)
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
    adapter = _adapter(arguments.backend)
    if backend.unavailable:
        return NotApplicable(backend.unavailable)
    if question.format not in backend.formats:
        return NotApplicable(f"{backend.name} does not compute in {question.format}")
    context = Context(adapter, "exhaustive", arguments.profile, arguments.seed, current())
    job = Job(
        arguments.backend, arguments.activation, given, question.quantity, question.format, str(current())
    )
    if arguments.points:
        return sampled(question, job, backend, arguments)
    if question.format != "float32" and question.spec.kind != "gated":
        return ask(question, context, (Accuracy(),))
    first = partial(warm_up, arguments.backend)
    with opened(arguments.executor, arguments.workers, arguments.scheduler, first) as opening:
        try:
            ask_once(question, adapter)
            driver = Driver(opening, work, arguments.workers)
            return _swept(question, job, context, backend, driver, arguments)
        except UnansweredError as error:
            return ended(error)


def _adapter(name: str) -> Adapter:
    try:
        return find(name)
    except AdapterError as error:
        raise UsageError(str(error)) from error


def _swept(
    question: Question,
    job: Job,
    context: Context,
    backend: Backend,
    driver: Driver,
    arguments: argparse.Namespace,
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
        try:
            wrong = sweep([job], backend, driver, tell)
        except BrokenExecutor as error:
            raise UsageError(f"the processes of the backend {arguments.backend} die: {error}") from None
    if wrong:
        place = f"{numerals.count(len(wrong), 'task')}; the same command tries again"
        return Failure("backend", "; ".join(wrong[:3]), place)
    part = SweepLedger.of_sweep(question, identity(backend)).total()
    seconds = time.perf_counter() - began
    return finding(question, arguments.profile, part, context.adapter, seconds)


def _print(asked: CheckResult, question: Question) -> None:
    record = asked.record
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    title = f"{question.activation} ({question.variant.label}), {question.format} {question.quantity}"
    console.print(f"{title}: {record.outcome}{_grade(record)}")
    for line in _lines(record):
        console.print(f"  {line}", markup=False)
    for line in record.told[:12]:
        console.print(f"  {line}", markup=False)


def _grade(record: CheckRecord) -> str:
    """The grade, which is one of finite results: said where others were seen."""
    apart = {"wrong_nan", "wrong_infinity"} & set(record.wrong)
    return f", {record.grade}" + (" where results are finite" if apart else "") if record.grade else ""


def _lines(record: CheckRecord) -> Iterator[str]:
    """What was found, in words."""
    if record.max_ulp is None or record.max_scaled_ulp is None:
        return
    yield _inputs(record)
    known = "proven: every input was judged" if record.exhaustive else "seen: inputs were sampled"
    at = f" at x = {numerals.both(record.worst.x)}" if record.worst else ""
    yield f"largest error: {numerals.enclosure(*record.max_ulp)} ULP{at} ({known})"
    if record.worst:
        got, expected = map(numerals.both, (record.worst.got, record.worst.expected))
        yield f"  got {got}, expected {expected}"
    yield f"largest scaled error: {numerals.enclosure(*record.max_scaled_ulp)} ULP"
    yield f"not correctly rounded: {record.not_correctly_rounded:,}; not faithful: {record.not_faithful:,}"
    for name, seen in record.wrong.items():
        yield f"{name}: {seen.count:,}"
    for name, number in (record.allowed or {}).items():
        yield f"{name.replace('_', ' ')}: {number:,}, right in the number model alone"
    for name, told in record.notes.items():
        if isinstance(told, dict) and "broken" in told:
            first = f", first at x = {numerals.both(float.fromhex(told['first']))}" if "first" in told else ""
            yield f"{name}: broken {told['broken']:,} times{first}"


def _inputs(record: CheckRecord) -> str:
    notes = record.notes
    apart = [f"{notes[k]:,} {k.replace('_', ' ')}" for k in ("nan_inputs", "infinite_inputs") if k in notes]
    line = f"{record.points:,} inputs" + (f", of which {' and '.join(apart)}" if apart else "")
    if record.seconds is None or record.points_per_second is None:
        return line
    return f"{line}; {record.seconds:.1f} s, {record.points_per_second / 1e6:,.0f} million a second"
