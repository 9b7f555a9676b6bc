"""Scripts that show a fault with the framework alone: got and expected, and exit status 1 while it stands.

Nothing of the results but numbers and the names of what the specifications know becomes code.
"""

from __future__ import annotations

import pprint
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actcheck.adapters.base import Adapter
from actcheck.conformance.faults.distinct import clarity
from actcheck.conformance.faults.gathering import Group, Seen
from actcheck.conformance.faults.words import sentence
from actcheck.conformance.json_values import clean
from actcheck.conformance.model import LEVELS, Level
from actcheck.conformance.results.model import Results
from actcheck.conformance.scripts import attention, calls
from actcheck.conformance.scripts.made import Told
from actcheck.conformance.scripts.points import bits, point
from actcheck.reference.specification.model import Spec

_KINDS_OF_POINTS = ("value", "nan", "zero_sign", "special_upstream", "property")
#: By the kind of the fault, what makes its text.
_MAKERS: Mapping[str, Callable[[Told], str | None]] = {
    **dict.fromkeys(_KINDS_OF_POINTS, point),
    "bits": bits,
    "raised": calls.raised,
    "other": calls.raised,
    "accepted": calls.accepted,
    "effect": calls.beside,
    "dtype": calls.dtype,
    "text": calls.printed,
}
_OF_ATTENTION: Mapping[str, Callable[[Told], str | None]] = {
    "sum": attention.element,
    "nan": attention.element,
    "value": attention.element,
    "raised": attention.raised,
    "accepted": attention.accepted,
    "text": calls.printed,
}
_AGAIN = """\
from actcheck.conformance.cli import main

sys.exit(main({words}))
"""


@dataclass(frozen=True)
class Shower:
    """What scripts need beside the fault: specifications, the backend by the name it is found by, the run."""

    specs: Mapping[str, Spec]
    adapter: Adapter
    backend: str
    #: The results that the faults are of.
    results: Results

    def script(self, group: Group) -> str:
        """A script that shows the fault: with the framework alone where its text is known, else by a run."""
        clearest = sorted(group.seen, key=clarity)
        for one in clearest:
            text = self._text(group, one)
            if text is not None:
                return _whole(group, one, text)
        one = clearest[0]
        asked = ["--activation", one.check.activation, "--check", one.check.id]
        words = ["run", "--backend", self.backend, *asked]
        return _whole(group, one, _AGAIN.format(words=pprint.pformat(words, width=100)))

    def _text(self, group: Group, one: Seen) -> str | None:
        """The script's lines after its head; None where this case cannot be told by them."""
        spec = self.specs.get(one.check.activation)
        if spec is None:
            return None
        maker = (_OF_ATTENTION if spec.kind == "attention" else _MAKERS).get(group.kind)
        level: Level = next((level for level in LEVELS if level == self.results.level), "quick")
        told = Told(spec, one, self.adapter, self.backend, level, self.results.seed or 0)
        return maker(told) if maker else None


def _whole(group: Group, one: Seen, text: str) -> str:
    told = textwrap.fill(_comment(sentence(group)), 100)
    seen = textwrap.fill(_comment(f"{one.check.id}: {one.fault.message}"), 100)
    return f'"""{told}\n\n{seen}\n"""\n\nimport math\nimport sys\n\n{text}'


def _comment(message: str) -> str:
    return clean(" ".join(message.split())).replace("\\", "/").replace('"', "'")
