"""Gathering the faults of checks into distinct ones, as far as the data show that the cause is one.

Of one cause are taken to be: the same kind of fault, forward or in the derivatives, at the same or touching
inputs, in whatever variant, format and check, of activations whose definitions call the same functions. What
has no range of inputs is told apart by its own name. Excused faults and standing ones are never mixed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from actcheck.conformance.faults.kinds import Kind, kind_of
from actcheck.conformance.faults.regions import Region, region_of, touching
from actcheck.conformance.results.fault_records import FaultRecord
from actcheck.conformance.results.model import CheckRecord
from actcheck.reference.expressions.tree import Call, walk
from actcheck.reference.specification.model import Spec

T = TypeVar("T")
K = TypeVar("K")
#: What distinguishes faults before their inputs are compared.
_Key = tuple[str, ...]
_DERIVATIVES = ("gradient", "second_derivative", "weight_gradient")
#: Functions of definitions that are nothing but another function and arithmetic.
_MADE_OF = {"sigmoid": "exp"}
#: Kinds whose faults at numbers are parted by where they lie.
_ON_THE_LINE = ("value", "nan")


@dataclass(frozen=True)
class Seen:
    """One fault as one check saw it."""

    check: CheckRecord
    fault: FaultRecord

    @cached_property
    def kind(self) -> Kind:
        """What kind of thing it is."""
        return kind_of(self.check, self.fault)

    @cached_property
    def region(self) -> Region:
        """Where it lies."""
        return region_of(self.fault.spans)

    @property
    def derived(self) -> str:
        """Whether it is about the function or its derivatives."""
        derived = self.check.quantity in _DERIVATIVES or "gradient" in self.fault.what
        return "derivatives" if derived else "forward"


@dataclass(frozen=True)
class Group:
    """What is taken for one fault; the region is the most ordinary one that it reaches."""

    kind: Kind
    region: Region
    seen: tuple[Seen, ...]


def gathered(checks: Iterable[CheckRecord], specs: Mapping[str, Spec]) -> tuple[Group, ...]:
    """The distinct faults of checks, those that stand and those that are known apart."""
    seen = (Seen(check, fault) for check in checks for fault in check.faults)
    alike = grouped(seen, lambda one: _key(one, specs)).values()
    return tuple(group for part in alike for group in _parted(part))


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """The items that have the same key, in order."""
    found: dict[K, list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def each(names: Iterable[str]) -> tuple[str, ...]:
    """Every name once, in order."""
    return tuple(dict.fromkeys(names))


def _key(seen: Seen, specs: Mapping[str, Spec]) -> _Key:
    fault, check = seen.fault, seen.check
    common = (str(bool(fault.known)), seen.kind)
    match seen.kind:
        case "value" | "nan" if seen.region in ("ordinary", "tail"):
            return (*common, related(specs.get(check.activation), check.activation), seen.derived)
        case "value" | "nan" if seen.region != "unknown":
            return (*common, seen.region, seen.derived)
        case "bits":
            return (*common, "nan" if seen.region == "nan" else "")
        case "zero_sign" | "property":
            return (*common, seen.derived)
        case "special_upstream":
            return (*common, fault.what)
        case "accepted":
            return (*common, "nan" if "nan" in fault.what else check.activation)
        case "dtype":
            return (*common, "complex" if "complex" in fault.what else fault.what.partition(":")[0])
        case "raised":
            return (*common, error_text(fault.message))
        case "text" | "default" | "module":
            return common
    # A tag such as a mask is told by its first part: the others say by which path and with which options.
    return (*common, *fault.what.split(",")[0].split(":"))


def related(spec: Spec | None, activation: str) -> str:
    """What activations have in common that a framework computes alike: the functions that they call, and
    whether they are defined by cases."""
    if spec is None or not spec.definition:
        return activation
    nodes = (node for piece in spec.definition for node in walk(piece.value))
    called = {_MADE_OF.get(node.function, node.function) for node in nodes if isinstance(node, Call)}
    return " ".join([*sorted(called), "by cases" if len(spec.definition) > 1 else "in one"])


#: The name of an exception in a message.
EXCEPTION = r"\b\w*(?:Error|Exception|Interrupt|Exit)\b"


def error_text(message: str) -> str:
    """The exception in a message, without the numbers that differ from call to call."""
    found = re.search(EXCEPTION + r".{0,45}", message, re.DOTALL)
    return re.sub(r"\d[\d.e+-]*", "#", found[0] if found else message[:60])


def _parted(seen: Sequence[Seen]) -> Iterator[Group]:
    """The parts of what has one key: those at ordinary inputs, with all that touches them, and the others."""
    kind = seen[0].kind
    if kind not in _ON_THE_LINE or seen[0].region not in ("ordinary", "tail"):
        yield Group(kind, _nearest(seen), tuple(seen))
        return
    parts = [[seen[i] for i in indices] for indices in touching([one.fault.spans for one in seen])]
    for region, alike in grouped(parts, _nearest).items():
        yield Group(kind, region, tuple(one for part in alike for one in part))


def _nearest(seen: Iterable[Seen]) -> Region:
    regions = {one.region for one in seen}
    order: tuple[Region, ...] = ("ordinary", "tail", "infinity", "nan", "unknown")
    return next(region for region in order if region in regions)
