"""What a run of the suite needs in the process that asks: backend, questions, known deviations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from actcheck.adapters import registry
from actcheck.conformance.backends.guard.guarded import find, unguarded
from actcheck.conformance.checks import CHECKS
from actcheck.conformance.deviations.files import DeviationsError, known_of
from actcheck.conformance.deviations.known import KnownDeviations
from actcheck.conformance.json_values import clean
from actcheck.conformance.model import Check, Context, Question, Settings
from actcheck.conformance.results.records import CheckResult, settle
from actcheck.conformance.results.rerun import Rerun
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.number_models import NumberModel
from actcheck.reference.specification import loading
from actcheck.reference.specification.dialects import Dialect, named
from actcheck.reference.specification.loading.errors import near
from actcheck.reference.specification.model import Spec


class SessionError(ValueError):
    """A request that cannot be met: what, where, and what to do."""


@dataclass(frozen=True)
class Session:
    """A backend to be judged, and the questions to put to it."""

    context: Context
    selection: Selection
    rerun: Rerun
    known: KnownDeviations

    @cached_property
    def questions(self) -> list[Question]:
        """The questions, in the order of the report."""
        return select(self.selection)

    @property
    def title(self) -> str:
        """The backend in a line: name, framework, version, device."""
        adapter = self.context.adapter
        description = adapter.describe()
        title = clean(f"{adapter.name}: {description.framework} {description.version}, {description.device}")
        return f"{title} (cannot run: {description.unavailable})" if description.unavailable else title

    def put(self, question: Question) -> CheckResult:
        """Put one question; its outcome, under the known deviations."""
        return settle(question, ask(question, self.context), self.known, self.rerun)


def open_session(settings: Settings) -> Session:
    """The session that these settings ask for. Raises SessionError with one message."""
    selection, paths = selection_of(settings)
    try:
        adapter = find(settings.backend)
        known = known_of(unguarded(adapter))
    except (registry.AdapterError, DeviationsError) as error:
        raise SessionError(str(error)) from error
    try:
        model = model_of(settings, adapter.describe().number_model)
        dialect = dialect_of(settings, adapter.describe().dialect)
    except ValueError as error:
        raise SessionError(str(error)) from error
    context = Context(adapter, settings.level, settings.profile, settings.seed, model, dialect)
    return Session(context, selection.in_dialect(dialect), Rerun(settings, paths), known)


def dialect_of(settings: Settings, spoken: str) -> Dialect:
    """The dialect that was asked for, or else the backend's own. Raises ValueError for others."""
    return named(settings.dialect or spoken)


def model_of(settings: Settings, documented: str) -> NumberModel:
    """The number model that was asked for, or else the backend's own. Raises ValueError for others."""
    return NumberModel.named(settings.number_model or documented)


def selection_of(settings: Settings, known: Sequence[Check] = CHECKS) -> tuple[Selection, dict[str, str]]:
    """The selection with these names, and the paths of the user's own specifications by activation id.

    Raises SessionError for a name that is unknown, and for a selection without questions.
    """
    try:
        specs, paths = _specs(settings.activations)
    except loading.SpecError as error:
        raise SessionError(str(error)) from error
    for name in settings.formats:
        if name not in FORMATS:
            raise SessionError(f"no such format: {name}{near(name, FORMATS)}; known: {', '.join(FORMATS)}")
    names = [check.name for check in known]
    whole = Selection(specs, settings.level, settings.formats, whole=not settings.activations)
    for pattern in settings.checks:
        if not select(replace(whole, checks=(pattern,)), known):
            everywhere = Selection(tuple(loading.load_all().values()), settings.level, checks=(pattern,))
            if pattern in names or select(everywhere, known):
                raise SessionError(
                    f"the check {pattern} has no question of this selection; "
                    "ask it of other activations or formats"
                )
            message = (
                f"no question matches the check {pattern}{near(pattern, names)}; known: {', '.join(names)}"
            )
            raise SessionError(f"{message}, or a question's id as in the results")
    return replace(whole, checks=settings.checks), paths


def _specs(names: Sequence[str]) -> tuple[tuple[Spec, ...], dict[str, str]]:
    """The specifications with these names or paths (all, for none), and the paths by activation id."""
    if not names:
        return tuple(loading.load_all().values()), {}
    specs = {name: loading.find(name) for name in names}
    paths = {spec.id: name for name, spec in specs.items() if spec is not loading.load_all().get(spec.id)}
    return tuple({spec.id: spec for spec in specs.values()}.values()), paths
